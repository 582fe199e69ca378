import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { BlobStore } from '../../core/blob-store.ts'
import type { Measured } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import { BodyWriter } from './body-writer.ts'
import type { ContentMeter } from './content-meter.ts'
import { RopeReader } from './rope-reader.ts'

export interface GrowingAnswerOptions {
  /** Flat list of names and values. */
  readonly headers: readonly string[]
  /** As the headers promise it; null when they do not. */
  readonly size: number | null
  readonly stallMs: number
  readonly meter: ContentMeter
}

/**
 * One answer that begins before its file is stored. It hashes what it gives, whichever attempts the bytes come from, and gives the
 * last of them only when the whole is the file: nothing that goes wrong in between can end in a whole file that is wrong.
 */
export class GrowingAnswer {
  readonly #response: ServerResponse
  readonly #options: GrowingAnswerOptions
  readonly #writer: BodyWriter
  readonly #hash = createHash('sha256')
  #given = 0

  constructor(response: ServerResponse, options: GrowingAnswerOptions) {
    this.#response = response
    this.#options = options
    this.#writer = new BodyWriter(response)
    response.on('timeout', () => response.destroy())
  }

  /** Bytes have been given: there is no other answer any more. */
  get begun(): boolean {
    return this.#given > 0
  }

  /** Gives chunks of which the last bytes of the file are none. */
  async give(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) await this.#give(chunk)
  }

  /** Gives what is missing of the stored file. Throws kind `upstream` instead of giving the end of another one. */
  async finish(blobs: BlobStore, { sha256, size }: Measured): Promise<void> {
    const promised = this.#options.size ?? size
    if (promised !== size || this.#given >= size) throw otherBytes()
    const part = { sha256, offset: this.#given, length: size - this.#given }
    const reader = await RopeReader.open(blobs, [part])
    try {
      for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
        if (this.#given + chunk.length === size) this.#requireDigest(chunk, sha256)
        await this.#give(chunk)
      }
    } finally {
      reader.close()
    }
    if (!this.#response.destroyed) this.#response.end()
  }

  #requireDigest(last: Uint8Array, sha256: string): void {
    if (this.#hash.copy().update(last).digest('hex') !== sha256) throw otherBytes()
  }

  /** A client that takes nothing for too long is cut off; one that we let wait is not. */
  async #give(chunk: Uint8Array): Promise<void> {
    if (this.#response.destroyed) return
    if (!this.#response.headersSent) this.#response.writeHead(200, [...this.#options.headers])
    this.#hash.update(chunk)
    this.#given += chunk.length
    this.#options.meter.bytes += chunk.length
    this.#response.setTimeout(this.#options.stallMs)
    await this.#writer.write(chunk)
    this.#response.setTimeout(0)
  }
}

function otherBytes(): DeckleError {
  return new DeckleError('upstream', 'the bytes that were given are not those of the file', {
    code: 'checksum_mismatch',
  })
}
