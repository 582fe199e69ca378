import type { BlobStore, StagedReader } from '../../core/blob-store.ts'
import { DeckleError } from '../../core/errors.ts'
import type { FlightProgress } from '../../operations/fetch/flight-progress.ts'
import type { FlightWatch } from './flight-watch.ts'

/** The last bytes, which nobody gets before the digest of the file holds. */
const tailBytes = 64 * 1024
/** Of a file up to this size nobody gets anything before: so a bad source that a good one follows goes unnoticed. */
export const wholeBytes = 1024 * 1024
const bufferBytes = 128 * 1024

/** The bytes of a file that may be given while it is being fetched: all that was received by now, but for the tail. */
export class EarlyBytes {
  readonly #blobs: BlobStore
  readonly #progress: FlightProgress
  readonly #watch: FlightWatch
  /** Null when it is not known. */
  readonly #size: number | null
  readonly #buffer = Buffer.allocUnsafeSlow(bufferBytes)
  #reader: StagedReader | undefined
  #handle: string | undefined
  #position = 0
  #rejected = 0

  constructor(blobs: BlobStore, progress: FlightProgress, watch: FlightWatch, size: number | null) {
    this.#blobs = blobs
    this.#progress = progress
    this.#watch = watch
    this.#size = size
  }

  /**
   * Chunks, at the reader's pace, until the fetch is over or the client has left. The memory of a chunk is used again for the
   * next. After an attempt that broke, goes on with the next one where it was: whoever gives the tail has to check the whole.
   * Throws kind `upstream` when bytes that were given turn out to be wrong.
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      while (!this.#watch.over) {
        this.#requireGood()
        const { version } = this.#progress
        const bytes = await this.#read()
        if (bytes > 0) yield this.#take(bytes)
        else await this.#watch.change(version)
      }
      this.#requireGood()
    } finally {
      await this.#reader?.close()
    }
  }

  #take(bytes: number): Uint8Array {
    if (this.#position === 0) this.#rejected = this.#progress.rejected
    this.#position += bytes
    return this.#buffer.subarray(0, bytes)
  }

  #requireGood(): void {
    if (this.#position === 0 || this.#progress.rejected === this.#rejected) return
    throw new DeckleError('upstream', 'upstream gave other bytes than it promised', { code: 'checksum_mismatch' })
  }

  /** Bytes now in the buffer that may be given. */
  async #read(): Promise<number> {
    const reader = await this.#current()
    if (reader === undefined) return 0
    if (this.#size === null && this.#position === 0 && !(await this.#exceeds(reader))) return 0
    const received = await reader.read(this.#buffer, this.#position)
    const limit = this.#size === null ? received - tailBytes : this.#size - tailBytes - this.#position
    return Math.min(received, limit)
  }

  async #exceeds(reader: StagedReader): Promise<boolean> {
    return (await reader.read(this.#buffer, wholeBytes)) > 0
  }

  /** Reads the bytes of the present attempt; undefined when there are none to see. */
  async #current(): Promise<StagedReader | undefined> {
    const { handle } = this.#progress
    if (handle === undefined || (handle === this.#handle && this.#reader !== undefined)) {
      return handle === undefined ? undefined : this.#reader
    }
    await this.#reader?.close()
    this.#reader = await this.#blobs.openStaged(handle)
    this.#handle = handle
    return this.#reader
  }
}
