import { createHash, type Hash } from 'node:crypto'
import type { BlobStore, StagedBlob } from '../../core/blob-store.ts'
import type { DigestAlgorithm } from '../../core/digest.ts'
import type { Rope, RopePart } from '../../core/rope.ts'
import type { MadeFile } from '../../core/segment.ts'
import { PieceChecks } from './piece-checks.ts'
import { PieceStager } from './piece-stager.ts'
import { lookAtRope, readRope } from './read-rope.ts'

export interface SegmentedFileOptions {
  readonly blobs: Pick<BlobStore, 'stage' | 'read' | 'look'>
  readonly checksumType: DigestAlgorithm
  /** Old pieces are written again, into the blob of the new ones. */
  readonly copies: boolean
  readonly signal: AbortSignal
}

export interface FinishedFile {
  readonly made: MadeFile
  readonly rope: Rope
  /** The blob of what was written; undefined when nothing was. */
  readonly staged: StagedBlob | undefined
}

/** Stands for the blob that is being written, whose name is not known before its end. */
const fresh = ''

/** One file made of new pieces, which go into one new blob, and of parts of blobs that are there. Reads those only for checksums. */
export class SegmentedFileWriter {
  readonly #options: SegmentedFileOptions
  readonly #stager: PieceStager
  readonly #hashes: readonly Hash[]
  readonly #parts: RopePart[] = []
  /** Old parts that are not read yet: many small ones are read as one. */
  #unread: RopePart[] = []
  readonly #checks = new PieceChecks()
  #size = 0

  constructor(options: SegmentedFileOptions) {
    this.#options = options
    this.#stager = new PieceStager(options.blobs, options.signal)
    this.#hashes = [...new Set<string>(['sha256', options.checksumType])].map((type) => createHash(type))
  }

  async append(piece: Uint8Array): Promise<void> {
    await this.#catchUp()
    for (const hash of this.#hashes) hash.update(piece)
    await this.#write(piece)
    this.#size += piece.length
  }

  /** An old piece: where it lies, and the CRC-32 of its bytes. */
  reuse(parts: Rope, sum = 0): void {
    this.#checks.expect(
      parts.reduce((bytes, { length }) => bytes + length, 0),
      sum,
    )
    for (const part of parts) {
      addPart(this.#unread, part)
      if (!this.#options.copies) addPart(this.#parts, part)
      this.#size += part.length
    }
  }

  async finish(): Promise<FinishedFile> {
    await this.#catchUp()
    this.#checks.end()
    const staged = await this.#stager.finish()
    const [sha256 = '', checksum = sha256] = this.#hashes.map((hash) => hash.digest('hex'))
    const rope = this.#parts.map((part) => (part.sha256 === fresh ? { ...part, sha256: staged?.sha256 ?? '' } : part))
    return { made: { sha256, size: this.#size, checksum }, rope, staged }
  }

  abort(): Promise<void> {
    return this.#stager.abort()
  }

  async #write(piece: Uint8Array): Promise<void> {
    addPart(this.#parts, { sha256: fresh, offset: this.#stager.size, length: piece.length })
    await this.#stager.push(piece)
  }

  async #catchUp(): Promise<void> {
    const unread = this.#unread
    this.#unread = []
    const { blobs, copies } = this.#options
    if (!copies) return lookAtRope(blobs, unread, (chunk) => this.#pass(chunk))
    for await (const chunk of readRope(blobs, unread)) {
      this.#pass(chunk)
      await this.#write(chunk)
    }
  }

  #pass(chunk: Buffer): void {
    this.#options.signal.throwIfAborted()
    this.#checks.pass(chunk)
    for (const hash of this.#hashes) hash.update(chunk)
  }
}

/** As one with the last part where it goes on there. */
function addPart(parts: RopePart[], part: RopePart): void {
  const last = parts.at(-1)
  if (part.length === 0) return
  if (last?.sha256 === part.sha256 && last.offset + last.length === part.offset) {
    parts[parts.length - 1] = { ...last, length: last.length + part.length }
  } else parts.push(part)
}
