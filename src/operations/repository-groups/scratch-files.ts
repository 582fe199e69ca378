import { createHash, type Hash } from 'node:crypto'
import { DeckleError } from '../../core/errors.ts'
import type { Scratch } from '../../core/scratch.ts'
import type { MadeFile, Segment, SegmentedFile, SegmentedFiles } from '../../core/segment.ts'
import type { Spool } from '../../core/spool.ts'

const chunkBytes = 1024 * 1024

/** A file that lies in a temporary one. */
export interface ScratchFile {
  readonly path: string
  read(): AsyncIterable<Uint8Array>
}

/** Makes files of segments, all of them new, in temporary files of a run. */
export async function makeInScratch(spool: Spool, made: SegmentedFiles): Promise<readonly ScratchFile[]> {
  const writers = await Promise.all(made.files.map(async (file) => new Writer(file, await spool.scratch())))
  for await (const segment of made.segments) {
    for (const [index, writer] of writers.entries()) await writer.append(pieceOf(segment, index))
  }
  return writers.map((writer) => writer.finish())
}

function pieceOf(segment: Segment, file: number): Uint8Array {
  if ('reuse' in segment) throw new DeckleError('internal', 'there are no segments to take over')
  return segment.pieces[file] ?? new Uint8Array()
}

class Writer {
  readonly #file: SegmentedFile
  readonly #scratch: Scratch
  readonly #hashes: readonly Hash[]
  #size = 0

  constructor(file: SegmentedFile, scratch: Scratch) {
    this.#file = file
    this.#scratch = scratch
    this.#hashes = ['sha256', file.checksumType].map((type) => createHash(type))
  }

  async append(piece: Uint8Array): Promise<void> {
    for (const hash of this.#hashes) hash.update(piece)
    await this.#scratch.append(piece)
    this.#size += piece.length
  }

  finish(): ScratchFile {
    const [sha256 = '', checksum = ''] = this.#hashes.map((hash) => hash.digest('hex'))
    const made: MadeFile = { sha256, size: this.#size, checksum }
    this.#file.stored?.(made)
    return { path: this.#file.path(made), read: () => this.#read() }
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < this.#size; offset += chunkBytes) {
      yield await this.#scratch.read(offset, Math.min(chunkBytes, this.#size - offset))
    }
  }
}
