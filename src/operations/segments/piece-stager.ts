import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { BlobStore, StagedBlob } from '../../core/blob-store.ts'

/** One blob that is handed out piece by piece. Begun with the first piece; without any there is none. */
export class PieceStager {
  readonly #blobs: Pick<BlobStore, 'stage'>
  readonly #signal: AbortSignal
  readonly #pipe = new PassThrough({ highWaterMark: 1024 * 1024 })
  #staged: Promise<StagedBlob> | undefined
  /** Bytes so far. */
  size = 0

  constructor(blobs: Pick<BlobStore, 'stage'>, signal: AbortSignal) {
    this.#blobs = blobs
    this.#signal = signal
    // The store tells what is wrong; without a piece there is nothing to tell.
    this.#pipe.on('error', () => undefined)
  }

  /** Waits while the store is behind. Throws what is wrong with it. */
  async push(piece: Uint8Array): Promise<void> {
    const staged = this.#begin()
    this.size += piece.length
    if (!this.#pipe.write(piece)) await Promise.race([once(this.#pipe, 'drain'), staged])
  }

  async finish(): Promise<StagedBlob | undefined> {
    this.#pipe.end()
    return await this.#staged
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    this.#pipe.destroy(new Error('the files are not made after all'))
    await this.#staged?.catch(() => undefined)
  }

  #begin(): Promise<StagedBlob> {
    if (this.#staged === undefined) {
      this.#staged = this.#blobs.stage(this.#pipe, { signal: this.#signal })
      // Whoever pushes or finishes hears of it.
      this.#staged.catch(() => undefined)
    }
    return this.#staged
  }
}
