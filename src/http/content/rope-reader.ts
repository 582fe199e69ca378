import type { BlobStore } from '../../core/blob-store.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Rope, RopePart } from '../../core/rope.ts'
import { type OpenPart, openPart } from './open-part.ts'

/** The bytes of a rope, one blob open at a time. A blob that is shorter than its part is an error, never a shorter file. */
export class RopeReader {
  readonly #blobs: BlobStore
  readonly #parts: Rope
  #index = 0
  /** Read when the rope was opened, and not handed out yet. */
  #ahead: Uint8Array | undefined
  #current: OpenPart | undefined
  /** Bytes of the current part that were handed out. */
  #taken = 0
  #closed = false

  private constructor(blobs: BlobStore, rope: Rope) {
    this.#blobs = blobs
    this.#parts = rope.filter((part) => part.length > 0)
  }

  /**
   * Opens the first blob and reads from it, so that the caller hears of a missing one (kind `not-found`) or of one that the disk
   * cannot read before it has promised anything.
   */
  static async open(blobs: BlobStore, rope: Rope): Promise<RopeReader> {
    const reader = new RopeReader(blobs, rope)
    try {
      reader.#ahead = await reader.next()
      return reader
    } catch (error) {
      reader.close()
      throw error
    }
  }

  /** The next bytes, undefined after the last or once closed. Their memory is used again by the call after the next one. */
  async next(): Promise<Uint8Array | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead !== undefined) return this.#closed ? undefined : ahead
    for (;;) {
      const part = this.#parts[this.#index]
      if (part === undefined || this.#closed) return undefined
      const current = await this.#open(part)
      const chunk = await current.next()
      if (this.#closed) return undefined
      if (chunk !== undefined) return this.#take(chunk, part)
      this.#finishPart(current, part)
    }
  }

  /** Gives the open file back; at once, or as soon as a read under way ends. */
  close(): void {
    this.#closed = true
    this.#current?.close()
  }

  async #open(part: RopePart): Promise<OpenPart> {
    this.#current ??= await openPart(this.#blobs, part)
    if (this.#closed) this.#current.close()
    return this.#current
  }

  #take(chunk: Uint8Array, part: RopePart): Uint8Array {
    this.#taken += chunk.length
    if (this.#taken > part.length) throw damaged(part)
    return chunk
  }

  #finishPart(current: OpenPart, part: RopePart): void {
    if (this.#taken < part.length) throw damaged(part)
    current.close()
    this.#current = undefined
    this.#taken = 0
    this.#index++
  }
}

/** A blob with other bytes than a rope says. */
export function damaged(part: RopePart): DeckleError {
  return new DeckleError('internal', `blob ${part.sha256} does not have the bytes that it should; check the blob store`)
}
