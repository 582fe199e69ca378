import { crc32 } from 'node:zlib'
import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore, StagedBlob } from '../../core/blob-store.ts'
import type { Measured } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { NewGeneratedFile, PublicationDraft } from '../../core/publication.ts'
import { type IndexedSegment, type Segment, type SegmentedFiles, unusableSegments } from '../../core/segment.ts'
import type { HeldSegments } from './held-segments.ts'
import { type FinishedFile, SegmentedFileWriter } from './segmented-file-writer.ts'

interface Services {
  readonly blobs: BlobStore
  readonly blobCatalog: BlobCatalog
}

export interface SegmentsToTakeOver {
  /** Segments that need not be stored anew. */
  readonly held: HeldSegments | undefined
  /** What is stored of these files may be damaged: it is replaced. */
  readonly replace: boolean
}

/** Stores files that are made of segments, and enters them in the publication. */
export async function storeSegments(
  services: Services,
  draft: Pick<PublicationDraft, 'addSegmented'>,
  made: SegmentedFiles,
  { held, replace }: SegmentsToTakeOver,
  signal: AbortSignal,
): Promise<void> {
  const writers = await openWriters(services.blobs, made, held, signal)
  try {
    const segments = await writeAll(writers, made, held, signal)
    const finished = await Promise.all(writers.map((writer) => writer.finish()))
    await keep(services, finished, replace)
    const files = finished.map((file, index) => describe(made, file, index))
    const index = { form: made.form, paths: files.map(({ path }) => path), segments }
    await draft.addSegmented(made.set, index, files)
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abort()))
    throw error
  }
}

function openWriters(
  blobs: BlobStore,
  { files }: SegmentedFiles,
  held: HeldSegments | undefined,
  signal: AbortSignal,
): Promise<readonly SegmentedFileWriter[]> {
  const writers = files.map(async ({ checksumType }, index) => {
    const copies = held === undefined || (await held.isWorn(index))
    return new SegmentedFileWriter({ blobs, checksumType, copies, signal })
  })
  return Promise.all(writers)
}

async function writeAll(
  writers: readonly SegmentedFileWriter[],
  made: SegmentedFiles,
  held: HeldSegments | undefined,
  signal: AbortSignal,
): Promise<readonly IndexedSegment[]> {
  const index: IndexedSegment[] = []
  for await (const segment of made.segments) {
    signal.throwIfAborted()
    index.push(await writeOne(writers, segment, held))
  }
  return index
}

async function writeOne(
  writers: readonly SegmentedFileWriter[],
  segment: Segment,
  held: HeldSegments | undefined,
): Promise<IndexedSegment> {
  if ('reuse' in segment) {
    if (held === undefined) throw new DeckleError('internal', 'there are no segments to take over')
    const indexed = held.indexed(segment.reuse)
    for (const [file, writer] of writers.entries()) writer.reuse(held.parts(segment.reuse, file), indexed.sums[file])
    return indexed
  }
  const { pieces, note } = segment
  await Promise.all(writers.map((writer, file) => writer.append(pieces[file] ?? new Uint8Array(0))))
  return { lengths: pieces.map(({ length }) => length), sums: pieces.map((piece) => crc32(piece)), note }
}

/** Holds the blobs that are taken over, too: nobody deletes them before the new files refer to them. */
async function keep(
  { blobs, blobCatalog }: Services,
  finished: readonly FinishedFile[],
  replace: boolean,
): Promise<void> {
  const staged = finished.flatMap((file): StagedBlob[] => (file.staged === undefined ? [] : [file.staged]))
  try {
    await blobCatalog.reserve([...staged, ...(await reused(blobs, finished, staged))])
    await blobs.commit(staged, { replace })
  } finally {
    await blobs.discard(staged)
  }
}

async function reused(
  blobs: BlobStore,
  finished: readonly FinishedFile[],
  staged: readonly Measured[],
): Promise<readonly Measured[]> {
  const fresh = new Set(staged.map(({ sha256 }) => sha256))
  const names = new Set(finished.flatMap(({ rope }) => rope.map(({ sha256 }) => sha256)))
  const old = [...names].filter((sha256) => !fresh.has(sha256))
  return Promise.all(old.map(async (sha256) => ({ sha256, size: await sizeOf(blobs, sha256) })))
}

async function sizeOf(blobs: BlobStore, sha256: string): Promise<number> {
  const size = await blobs.size(sha256)
  if (size === undefined) throw unusableSegments(`blob ${sha256} is missing`)
  return size
}

function describe({ files }: SegmentedFiles, { made, rope }: FinishedFile, index: number): NewGeneratedFile {
  const file = files[index]
  if (file === undefined) throw new DeckleError('internal', 'a file was made that nobody has asked for')
  file.stored?.(made)
  return { path: file.path(made), size: made.size, sha256: made.sha256, mediaType: file.mediaType, rope }
}
