import { createHash } from 'node:crypto'
import type { UnitDocuments } from './content-type.ts'
import { type Digest, sha256Hex } from './digest.ts'
import { canonicalJson, type JsonObject, keysInOrder } from './json.ts'
import { canonicalBytes, PrintedJson } from './printed-json.ts'

/** A file of a unit as an importer found it. No digest at all is legal; then size and first fetch decide. */
export interface DiscoveredFile {
  /** Path inside the unit, relative, without `..`; what layouts look up. For a package its file name. */
  readonly path: string
  readonly size?: number
  readonly digests: readonly Digest[]
  /** Absolute URLs, best first. */
  readonly urls: readonly string[]
  /**
   * The bytes of a file that the importer makes itself, once more at each call. They are stored at once whatever the download
   * policy says, since nobody could fetch them later; `digests` has to describe them, or a change of them is none.
   */
  content?(): AsyncIterable<Uint8Array>
  /**
   * Looks into the file before its unit is taken, whether it has just been fetched or was stored already; reads as much of it as it likes.
   * What it throws of kind `upstream` or `invalid` is a problem of the unit. Only where files are fetched by the sync itself.
   */
  inspect?(bytes: AsyncIterable<Uint8Array>): Promise<void>
  /**
   * Where its bytes cannot be fetched the unit is taken without them, and whoever asks for the file has it fetched then. That it failed is
   * told as a problem with a unit of this type.
   */
  readonly dispensableAs?: string
}

/** A unit as an importer found it. `metadata` holds the key fields and scalars only, about 1 KB at most. */
export interface DiscoveredUnit {
  readonly type: string
  readonly key: JsonObject
  readonly metadata: JsonObject
  readonly files: readonly DiscoveredFile[]
  readonly documents?: UnitDocuments
}

/** The same from an importer that finds very many of them. */
export interface PrintedUnit extends Omit<DiscoveredUnit, 'metadata'> {
  readonly metadata: PrintedJson
  /** Its `unitRevision`, from who has seen all its bytes anyway. */
  readonly revision?: string
}

export type FoundUnit = DiscoveredUnit | PrintedUnit

export function isPrinted(unit: FoundUnit): unit is PrintedUnit {
  return unit.metadata instanceof PrintedJson
}

/** A unit as the catalog holds it: immutable, one revision of its key. */
export interface Unit {
  readonly id: number
  readonly type: string
  /** The `_id` of the wire; shared by all revisions of a key. */
  readonly wireId: string
  readonly metadata: JsonObject
  readonly updated: Date
}

/** Identity of (type, key), hexadecimal sha256. */
export function unitKeyHash(type: string, key: JsonObject): string {
  return sha256Hex(canonicalJson([type, key]))
}

/** The wire id: the first 128 bits of the key hash, printed as an RFC 9562 version 8 UUID. */
export function unitWireId(keyHash: string): string {
  const variant = '89ab'.charAt(Number.parseInt(keyHash.charAt(16), 16) & 0x3)
  const groups = [`8${keyHash.slice(13, 16)}`, `${variant}${keyHash.slice(17, 20)}`, keyHash.slice(20, 32)]
  // Joined, a text is of one piece.
  return [keyHash.slice(0, 8), keyHash.slice(8, 12), ...groups].join('-')
}

/** Hash over everything that makes two units of one key differ: metadata, files and documents. Not their sources. */
export function unitRevision(unit: FoundUnit): string {
  return unitRevisionWith(unit, canonicalBytes(unit.metadata))
}

/** The same for who has the canonical JSON of the unit's metadata already. */
export function unitRevisionWith(unit: FoundUnit, metadata: Uint8Array): string {
  const hash = createHash('sha256').update(metadata).update(revisionOfFiles(unit))
  for (const name of keysInOrder(unit.documents ?? {})) {
    const body = unit.documents?.[name] as Uint8Array
    hash.update(revisionOfDocument(name, body)).update(body)
  }
  return hash.digest('hex')
}

/** What stands for the files of a unit in what its revision is the hash of: behind the metadata. */
export function revisionOfFiles(unit: FoundUnit): string {
  let text = ''
  for (const file of unit.files) {
    const digests = file.digests.map((digest) => `${digest.algorithm}:${digest.value}`)
    if (digests.length > 1) digests.sort()
    text += canonicalJson([file.path, file.size ?? null, digests])
  }
  return text
}

/** What stands there before each document, in the order of their names. */
export function revisionOfDocument(name: string, body: Uint8Array): string {
  return `\0${name}\0${body.length}\0`
}
