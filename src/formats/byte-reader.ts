import { FormatError } from './format-error.ts'
import type { Bytes } from './transformed.ts'

/** Reads exact numbers of bytes from a stream that is cut anywhere. Its end within a read is `truncated`. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #current: Uint8Array = new Uint8Array()

  constructor(source: Bytes) {
    this.#chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  async atEnd(): Promise<boolean> {
    while (this.#current.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return true
      this.#current = next.value
    }
    return false
  }

  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of this.pass(length)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** The next `length` bytes as they come. */
  async *pass(length: number): AsyncGenerator<Uint8Array> {
    let missing = length
    while (missing > 0) {
      if (await this.atEnd()) throw new FormatError('truncated', `the data is cut off ${missing} bytes too early`)
      const part = this.#current.subarray(0, missing)
      this.#current = this.#current.subarray(part.length)
      missing -= part.length
      yield part
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
