import { ConfigReader } from '../../../core/config-reader.ts'
import { withoutNulls } from '../../../core/config-shape.ts'
import { type DigestAlgorithm, parseDigestAlgorithm } from '../../../core/digest.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import type { PrimaryPackage } from '../metadata/primary-package.ts'
import { packageFileName } from '../package-location.ts'

/** What a client says of a package that it uploads. */
export interface UploadClaims {
  readonly checksumType: DigestAlgorithm
  readonly checksum: string | undefined
  /** Bytes. */
  readonly size: number | undefined
  readonly fileName: string | undefined
  /** Fields that are to be other than the file says. */
  readonly fields: Partial<PrimaryPackage>
}

/** Keys of a unit (pulp2-types §5.1) and what we call them. */
const texts = {
  name: 'name',
  version: 'version',
  release: 'release',
  arch: 'arch',
  summary: 'summary',
  description: 'description',
  url: 'url',
  license: 'license',
  vendor: 'vendor',
  group: 'group',
  buildhost: 'buildHost',
  sourcerpm: 'sourceRpm',
} as const
const times = { build_time: 'buildTime', time: 'fileTime' } as const
const keyTexts: readonly string[] = ['name', 'epoch', 'version', 'release', 'arch']
const others = ['epoch', 'checksum', 'checksum_type', 'checksumtype', 'filename', 'relativepath', 'size']
const known = new Set([...Object.keys(texts), ...Object.keys(times), ...others])

/**
 * Reads `unit_key` and `unit_metadata` of an upload (pulp2-types §5.5). Null is nothing said. Throws kind `invalid` for a value that
 * does not fit and for what nobody but the file can say, such as `requires`.
 */
export function readUploadClaims(key: JsonObject, metadata: JsonObject): UploadClaims {
  const said = { ...withoutNulls(metadata), ...withoutNulls(key) }
  const reader = new ConfigReader({ ...said, epoch: textOf(said['epoch']) })
  for (const name of Object.keys(said)) {
    if (!known.has(name)) reader.refuse(name, `${name} is read from the file and cannot be given`)
  }
  const claims = {
    checksumType: checksumTypeOf(reader),
    checksum: reader.text('checksum')?.toLowerCase(),
    size: reader.integer('size', 0),
    fileName: fileNameOf(reader),
    fields: fieldsOf(reader),
  }
  reader.finish()
  return claims
}

function fieldsOf(reader: ConfigReader): Partial<PrimaryPackage> {
  const fields: Partial<Record<string, string | number>> = {}
  for (const [name, field] of [...Object.entries(texts), ['epoch', 'epoch'] as const]) {
    const value = reader.text(name)
    if (value === undefined) continue
    if (isUnsound(value, keyTexts.includes(name)))
      reader.refuse(name, `${name} must be a line of text that is not empty`)
    fields[field] = value
  }
  for (const [name, field] of Object.entries(times)) {
    const value = reader.integer(name, 0)
    if (value !== undefined) fields[field] = value
  }
  return fields
}

/** Texts of a key are short and have no blanks. */
function isUnsound(text: string, isKey: boolean): boolean {
  return isKey ? !/^[!-~\u00a0-\u{10ffff}]{1,255}$/u.test(text) : text.includes('\0') || !text.isWellFormed()
}

function checksumTypeOf(reader: ConfigReader): DigestAlgorithm {
  const name = reader.has('checksum_type') ? 'checksum_type' : 'checksumtype'
  const text = reader.text(name)
  const algorithm = parseDigestAlgorithm(text ?? 'sha256')
  if (algorithm === undefined) reader.refuse(name, `${name} is none that packages are known by; sha256 is usual`)
  return algorithm ?? 'sha256'
}

/** `relativepath` may name a folder, which says nothing of the package. */
function fileNameOf(reader: ConfigReader): string | undefined {
  const name = reader.isFilled('filename') ? 'filename' : 'relativepath'
  const text = reader.text(name)
  if (text === undefined || text === '') return undefined
  const fileName = packageFileName(text)
  const unsound = fileName === undefined || fileName.length > 255 || (name === 'filename' && fileName !== text)
  if (unsound || !fileName.isWellFormed()) reader.refuse(name, `${name} must end with the name of a file`)
  return fileName
}

/** Clients send it as a number too. */
function textOf(epoch: Json | undefined): Json {
  return typeof epoch === 'number' ? String(epoch) : (epoch ?? null)
}
