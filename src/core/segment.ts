import type { DigestAlgorithm } from './digest.ts'
import { DeckleError } from './errors.ts'
import type { Json } from './json.ts'

/**
 * Files that are made piece by piece, side by side: the n-th pieces of all of them are one segment, made of the same units
 * (design-notes §1.6). Pieces stand for themselves, as members of gzip files do, so that a later publication takes over those
 * whose units are the same.
 */
export interface SegmentedFiles {
  /** Names these files among those of a publication. */
  readonly set: string
  /** Whatever else decides the bytes. Only segments of an equal form are taken over. */
  readonly form: string
  readonly files: readonly SegmentedFile[]
  readonly segments: AsyncIterable<Segment>
}

export interface SegmentedFile {
  /** Asked for once the bytes are known. */
  readonly path: (made: MadeFile) => string
  readonly mediaType: string
  /** Of the checksum that the distributor needs. */
  readonly checksumType: DigestAlgorithm
  /** Called with what was made, before anything else is asked for. */
  stored?(made: MadeFile): void
}

export interface MadeFile {
  readonly sha256: string
  readonly size: number
  /** By the file's checksum type, lower-case hexadecimal. */
  readonly checksum: string
}

export type Segment =
  /** One of the publication before, by its place there: its bytes are neither made nor written again. */
  | { readonly reuse: number }
  /** New pieces, one a file, with what a later publication has to know of them. */
  | { readonly pieces: readonly Uint8Array[]; readonly note: Json }

/** What is kept of segments, beside the files that they make up. */
export interface SegmentIndex {
  readonly form: string
  /** Where the files stand in the publication. */
  readonly paths: readonly string[]
  readonly segments: readonly IndexedSegment[]
}

/** Of each piece its length and the CRC-32 of its bytes: a piece that has suffered is not published once more. */
export interface IndexedSegment {
  readonly lengths: readonly number[]
  readonly sums: readonly number[]
  readonly note: Json
}

/** Segments of the publication that is live. */
export interface PreviousSegments {
  /** The version of the repository that it shows. */
  readonly version: number
  readonly notes: readonly Json[]
  /** The pieces of one segment. Throws what `unusableSegments` makes when they are gone or damaged. */
  pieces(segment: number): Promise<readonly Buffer[]>
}

const unusable = 'segments-unusable'

/** What is live cannot be built upon. Whoever throws it gets a second run, without previous segments. */
export function unusableSegments(reason: string, cause?: unknown): DeckleError {
  const message = `the segments of the live publication cannot be used: ${reason}`
  return new DeckleError('internal', message, { code: unusable }, { cause })
}

export function isUnusableSegments(error: unknown): error is DeckleError {
  return error instanceof DeckleError && error.details.code === unusable
}
