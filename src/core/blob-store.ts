import type { Readable } from 'node:stream'
import type { Expected, Measured } from './digest.ts'

/** Bytes that were received and verified but are not yet durable. */
export interface StagedBlob extends Measured {
  /** Names the staged bytes inside the store that made them. */
  readonly handle: string
}

/** Somebody who reads bytes while they are still being received. */
export interface StagingWatcher {
  /** Before the first byte; `handle` names the staged bytes for `openStaged`, in every process that shares the store. */
  started(handle: string): void
  /** So many bytes can be read by now. */
  written(bytes: number): void
}

/** Staged bytes that are being read while they grow. Stays readable after commit and discard, until it is closed. */
export interface StagedReader {
  /** Bytes from `position` into `buffer`, as many as there are by now; 0 when there are none yet. */
  read(buffer: Uint8Array, position: number): Promise<number>
  close(): Promise<void>
}

/** Bytes `start` up to and including `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Content-addressed bytes, named by sha256 (lower-case hexadecimal). Storing twice is free; writers may race.
 * Staging and committing are apart so that one flush to disk serves a whole batch.
 */
export interface BlobStore {
  /**
   * Receives bytes, measuring and verifying. On any error nothing stays behind. Keeps chunks until they are written, so the
   * producer must not use their memory again.
   */
  stage(
    body: AsyncIterable<Uint8Array>,
    options?: { expected?: Expected; signal?: AbortSignal; watcher?: StagingWatcher },
  ): Promise<StagedBlob>
  /**
   * Makes staged bytes durable under their names. After it resolves, they survive a power cut. What is stored already stays,
   * unless `replace` says that it is damaged. Only for blobs that the `BlobCatalog` has reserved: others may be swept meanwhile.
   * On an error no staged bytes are left: they have to be received once more.
   */
  commit(blobs: readonly StagedBlob[], options?: { replace?: boolean }): Promise<void>
  /** Staged bytes of any process that shares the store; undefined when there are none of that name. */
  openStaged(handle: string): Promise<StagedReader | undefined>
  /** Forgets staged bytes that will not be committed. */
  discard(blobs: readonly StagedBlob[]): Promise<void>
  /** Bytes of a stored blob, undefined if it is not stored. */
  size(sha256: string): Promise<number | undefined>
  /** Throws kind `not-found` before the first byte when it is not stored. A range is clipped to what there is. */
  read(sha256: string, range?: ByteRange): Promise<Readable>
  /**
   * Hands a range to `use`, piece by piece, in memory that is used again after each call: for who looks at bytes and keeps none. Errors
   * are those of `read`, and what `use` throws.
   */
  look(sha256: string, range: ByteRange, use: (bytes: Buffer) => void): Promise<void>
  /** Where the bytes of a stored blob lie on a disk of this machine, for serving them; stores on the network have none. */
  path?(sha256: string): string
  /** Removes a blob; no error when it is not there. */
  remove(sha256: string): Promise<void>
  /**
   * Removes what dead processes left in staging: those of this machine at once, of others, whose life is unknown, what is older
   * than `before`. Returns how many entries went.
   */
  sweepStaging(before: Date): Promise<number>
}
