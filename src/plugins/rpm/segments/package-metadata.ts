import { createHash, type Hash } from 'node:crypto'
import type { PublishRun } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import type { Layout } from '../../../core/layout.ts'
import type { PieceCompressor } from '../../../core/piece-compressor.ts'
import { ReusedBuffers } from '../../../core/reused-buffers.ts'
import {
  type MadeFile,
  type PreviousSegments,
  type Segment,
  type SegmentedFiles,
  unusableSegments,
} from '../../../core/segment.ts'
import { type MetadataCompression, metadataCompressions } from '../metadata/metadata-compression.ts'
import { packageFiles, rootStartTag, roots } from '../metadata/namespaces.ts'
import type { RepomdRecord } from '../metadata/repomd.ts'
import type { YumDistributorConfig } from '../yum-distributor-config.ts'
import { inOrder } from './in-order.ts'
import { type PackageEntry, toEntry } from './package-entry.ts'
import { orderFields, orderOfUnit, type PackageOrder } from './package-order.ts'
import { Peekable } from './peekable.ts'
import { readSegment } from './read-segment.ts'
import { isNote, type SegmentNote } from './segment-note.ts'
import { type OldSegments, type SplicedSegment, spliceSegments } from './splice-segments.ts'

type Run = PublishRun<YumDistributorConfig>

export interface PackageMetadataPlan {
  readonly run: Run
  readonly layout: Layout
  readonly types: readonly string[]
  /** How many there are: the files say so in front of them. */
  readonly packages: number
  /** Unix time, seconds. */
  readonly timestamp: number
  /** So many more packages are written. */
  readonly progress: (packages: number) => void
}

/** What takes over segments opens as much, some 10 ms of work, for the checksums of what is compressed (docs/decisions/segments.md). */
const mostOpenBytes = 2 * 1024 * 1024
const lineEnd = Buffer.from('\n')
const empty = Buffer.alloc(0)
/** Changes whenever the bytes of a segment do. */
const generation = 1

/** Writes primary, filelists and other side by side; `records` tells what repomd.xml has to say of them, once they are stored. */
export class PackageMetadata {
  readonly #plan: PackageMetadataPlan
  readonly #compression: MetadataCompression
  readonly #made: (MadeFile | undefined)[] = packageFiles.map(() => undefined)
  readonly #openSizes = packageFiles.map(() => 0)
  readonly #buffers = new ReusedBuffers()
  readonly #compressor: PieceCompressor
  /** Of what is compressed; undefined when that is left out. */
  #openHashes: readonly Hash[] | undefined
  #packages = 0

  constructor(plan: PackageMetadataPlan) {
    this.#plan = plan
    this.#compression = metadataCompressions[plan.run.config.compression]
    this.#compressor = this.#compression.pieces()
  }

  async files(): Promise<SegmentedFiles> {
    const { run, layout, types } = this.#plan
    const { checksumType, forceFull, compression } = run.config
    const form = `${generation} ${layout.id} ${types.join(',')} ${compression}`
    const previous = forceFull ? undefined : await run.previous('packages', form)
    return {
      set: 'packages',
      form,
      files: packageFiles.map((file, index) => ({
        checksumType,
        mediaType: this.#compression.mediaType,
        path: ({ checksum }) => this.#path(file, checksum),
        stored: (made) => {
          this.#made[index] = made
        },
      })),
      segments: this.#closing(this.#segments(previous)),
    }
  }

  records(): readonly RepomdRecord[] {
    const { run, timestamp } = this.#plan
    const algorithm = run.config.checksumType
    return packageFiles.map((type, index) => {
      const made = this.#made[index]
      if (made === undefined)
        throw new DeckleError('internal', `${type} was asked for its checksum before it was stored`)
      const open = this.#openHashes?.[index]?.digest('hex')
      return {
        type,
        href: this.#path(type, made.checksum),
        checksum: { algorithm, value: made.checksum },
        ...(open !== undefined && { openChecksum: { algorithm, value: open } }),
        timestamp,
        size: made.size,
        openSize: this.#openSizes[index] ?? 0,
      }
    })
  }

  async *#closing(segments: AsyncGenerator<Segment>): AsyncGenerator<Segment> {
    try {
      yield* segments
    } finally {
      this.#compressor.close()
    }
  }

  async *#segments(previous: PreviousSegments | undefined): AsyncGenerator<Segment> {
    const notes = (previous?.notes ?? []).filter(isNote)
    const { checksumType, openChecksum } = this.#plan.run.config
    const openBytes = notes.reduce((sum, { open }) => sum + open.reduce((all, one) => all + one, 0), 0)
    if (openBytes <= mostOpenBytes || openChecksum === 'always')
      this.#openHashes = packageFiles.map(() => createHash(checksumType))
    const { packages } = this.#plan
    yield await this.#edge((file) => `<?xml version="1.0" encoding="UTF-8"?>\n${rootStartTag(file, packages)}\n`)
    const spliced = previous === undefined ? this.#all() : this.#changed(previous, notes)
    yield* inOrder(spliced, (segment) => this.#segment(segment, previous, notes))
    yield await this.#edge((file) => `</${roots[file].name}>\n`)
    if (this.#packages === packages) return
    const found = `there were to be ${packages} packages and there are ${this.#packages}`
    throw previous === undefined ? new DeckleError('internal', found) : unusableSegments(found)
  }

  #all(): AsyncGenerator<SplicedSegment> {
    return inCuts(this.#entries({}))
  }

  async *#changed(previous: PreviousSegments, notes: readonly SegmentNote[]): AsyncGenerator<SplicedSegment> {
    const old: OldSegments = {
      firsts: notes.map(({ first }) => first),
      read: async (segment) => readSegment(await this.#open(previous, segment)),
    }
    const { version } = previous
    // First, and whole: two streams of units would take more connections than a worker has.
    const removed = await Array.fromAsync(this.#removed(version))
    const added = await Peekable.of(this.#entries({ differsFrom: { version, by: 'added' } }))
    try {
      yield* spliceSegments(old, added, await Peekable.of(removed))
    } finally {
      await added.close()
    }
  }

  async *#entries(query: Pick<Parameters<Run['units']>[0], 'differsFrom'>): AsyncGenerator<PackageEntry> {
    const { run, types, layout } = this.#plan
    const fields = [...orderFields, 'filename']
    const units = run.units({ types, order: orderFields, fields, documents: packageFiles, ...query })
    for await (const unit of units) {
      run.signal.throwIfAborted()
      yield toEntry(unit, layout)
    }
  }

  async *#removed(version: number): AsyncGenerator<PackageOrder> {
    const { run, types } = this.#plan
    const query = { types, order: orderFields, fields: orderFields, differsFrom: { version, by: 'removed' } } as const
    for await (const { unit } of run.units(query)) yield orderOfUnit(unit.metadata)
  }

  /** What is done in the order of the segments; what it returns is compressed side by side. */
  async #segment(
    segment: SplicedSegment,
    previous: PreviousSegments | undefined,
    notes: readonly SegmentNote[],
  ): Promise<() => Promise<Segment>> {
    if (typeof segment !== 'number') return this.#fresh(segment)
    const note = notes[segment]
    if (note === undefined || previous === undefined) throw new DeckleError('internal', 'there is no such segment')
    this.#count(note)
    if (this.#openHashes !== undefined) {
      for (const [file, text] of (await this.#open(previous, segment)).entries()) this.#openHashes[file]?.update(text)
    }
    return async () => ({ reuse: placeOf(segment) })
  }

  /** The text of a segment in each file. */
  async #open(previous: PreviousSegments, segment: number): Promise<readonly Buffer[]> {
    const pieces = await previous.pieces(placeOf(segment))
    try {
      return await Promise.all(pieces.map((piece) => this.#compression.openPiece(piece)))
    } catch (error) {
      throw unusableSegments(String(error), error)
    }
  }

  #fresh(entries: readonly PackageEntry[]): () => Promise<Segment> {
    const texts = packageFiles.map((_, file) => entries.flatMap(({ snippets }) => [snippets[file] ?? empty, lineEnd]))
    const open = texts.map((pieces) => pieces.reduce((sum, { length }) => sum + length, 0))
    const note = { packages: entries.length, first: entries[0]?.order ?? [], open }
    this.#count(note)
    const pieces = Promise.all(
      texts.map((text, file) => this.#buffers.joined(text, (bytes) => this.#pack(bytes, file))),
    )
    return async () => ({ pieces: await pieces, note })
  }

  /** The text is hashed before this returns, so in the order of the calls. */
  #pack(text: Buffer, file: number): Promise<Buffer> {
    this.#openHashes?.[file]?.update(text)
    return this.#compressor.compress(text)
  }

  /** The begin or end of the files. */
  async #edge(textOf: (file: (typeof packageFiles)[number]) => string): Promise<Segment> {
    const texts = packageFiles.map((file) => Buffer.from(textOf(file)))
    for (const [file, { length }] of texts.entries()) this.#openSizes[file] = (this.#openSizes[file] ?? 0) + length
    return { pieces: await Promise.all(texts.map((text, file) => this.#pack(text, file))), note: null }
  }

  #path(file: string, checksum: string): string {
    return `repodata/${checksum}-${file}.xml${this.#compression.suffix}`
  }

  #count({ packages, open }: SegmentNote): void {
    this.#packages += packages
    for (const [file, size] of open.entries()) this.#openSizes[file] = (this.#openSizes[file] ?? 0) + size
    this.#plan.progress(packages)
  }
}

/** Cuts a whole repository: as if every package had come to an empty one. */
async function* inCuts(entries: AsyncIterable<PackageEntry>): AsyncGenerator<SplicedSegment> {
  const none: OldSegments = { firsts: [], read: async () => [] }
  yield* spliceSegments(none, await Peekable.of(entries), await Peekable.of<PackageOrder>([]))
}

/** The head of the files is a segment before those of packages. */
function placeOf(segment: number): number {
  return segment + 1
}
