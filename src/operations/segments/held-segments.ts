import type { BlobStore } from '../../core/blob-store.ts'
import type { PublicationStore } from '../../core/publication.ts'
import { type Rope, sliceRope } from '../../core/rope.ts'
import { type IndexedSegment, type PreviousSegments, type SegmentIndex, unusableSegments } from '../../core/segment.ts'
import { PieceChecks } from './piece-checks.ts'
import { readRope } from './read-rope.ts'

/** More parts than this, or more bytes that nothing uses, and everything is written again (design-notes §1.6). */
const mostParts = 48
const mostDead = 0.25
/** A file that is no larger is written whole each time: it costs less than being read in pieces. */
const smallFile = 1024 * 1024

/** The segments of a publication that is live, with where their bytes lie. */
export class HeldSegments implements PreviousSegments {
  readonly version: number
  readonly #blobs: Pick<BlobStore, 'read' | 'size'>
  readonly #index: SegmentIndex
  readonly #ropes: readonly Rope[]
  /** Where each segment begins in each file. */
  readonly #starts: readonly (readonly number[])[]
  /** Small files, once a piece of them was asked for: opening a blob costs more than reading all of it. */
  readonly #whole = new Map<number, Promise<Buffer>>()

  private constructor(
    blobs: Pick<BlobStore, 'read' | 'size'>,
    version: number,
    held: { readonly index: SegmentIndex; readonly ropes: readonly Rope[] },
  ) {
    this.#blobs = blobs
    this.version = version
    this.#index = held.index
    this.#ropes = held.ropes
    this.#starts = startsOf(held.index)
  }

  /** Undefined when the publication has none of that form. */
  static async of(
    {
      publications,
      blobs,
    }: { publications: Pick<PublicationStore, 'segments'>; blobs: Pick<BlobStore, 'read' | 'size'> },
    publication: { readonly id: number; readonly version: number },
    set: string,
    form: string,
  ): Promise<HeldSegments | undefined> {
    const held = await publications.segments(publication.id, set)
    if (held === undefined || held.index.form !== form) return undefined
    return new HeldSegments(blobs, publication.version, held)
  }

  get notes() {
    return this.#index.segments.map(({ note }) => note)
  }

  indexed(segment: number): IndexedSegment {
    const indexed = this.#index.segments[segment]
    if (indexed === undefined) throw unusableSegments(`there is no segment ${segment}`)
    return indexed
  }

  /** Where the bytes of a segment lie, of one file. */
  parts(segment: number, file: number): Rope {
    const length = this.indexed(segment).lengths[file] ?? 0
    const start = this.#starts[segment]?.[file] ?? 0
    return length === 0 ? [] : sliceRope(this.#ropes[file] ?? [], { start, end: start + length - 1 })
  }

  async pieces(segment: number): Promise<readonly Buffer[]> {
    return Promise.all(this.#ropes.map((_, file) => this.#piece(segment, file)))
  }

  async #piece(segment: number, file: number): Promise<Buffer> {
    const { lengths, sums } = this.indexed(segment)
    const piece = await this.#read(segment, file)
    const checks = new PieceChecks()
    checks.expect(lengths[file], sums[file])
    checks.pass(piece)
    checks.end()
    return piece
  }

  async #read(segment: number, file: number): Promise<Buffer> {
    const rope = this.#ropes[file] ?? []
    if (sizeOf(rope) > smallFile) return joined(readRope(this.#blobs, this.parts(segment, file)))
    const reading = this.#whole.get(file) ?? joined(readRope(this.#blobs, rope))
    this.#whole.set(file, reading)
    const start = this.#starts[segment]?.[file] ?? 0
    return (await reading).subarray(start, start + (this.indexed(segment).lengths[file] ?? 0))
  }

  /** Whether a file had better be written whole again. */
  async isWorn(file: number): Promise<boolean> {
    const rope = this.#ropes[file] ?? []
    const used = sizeOf(rope)
    if (used <= smallFile || rope.length > mostParts) return true
    const sizes = [...new Set(rope.map(({ sha256 }) => sha256))].map(async (sha256) => this.#blobs.size(sha256))
    const held = (await Promise.all(sizes)).reduce<number>((sum, size) => sum + (size ?? 0), 0)
    return used < held * (1 - mostDead)
  }
}

function startsOf({ paths, segments }: SegmentIndex): readonly (readonly number[])[] {
  const at = paths.map(() => 0)
  return segments.map(({ lengths }) => {
    const starts = [...at]
    for (const [file, length] of lengths.entries()) at[file] = (at[file] ?? 0) + length
    return starts
  })
}

function sizeOf(rope: Rope): number {
  return rope.reduce((sum, { length }) => sum + length, 0)
}

async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks))
}
