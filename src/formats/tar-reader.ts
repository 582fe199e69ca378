import type { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { FormatError } from './format-error.ts'

export interface TarEntry {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** To be read to its end, or not at all, before the next entry is asked for. */
  readonly body: AsyncIterable<Uint8Array>
}

type Extract = ReturnType<typeof extract>
type Source = Extract extends AsyncIterable<infer Entry> ? Entry : never

/** Reads a tar archive from front to back, in bounded memory. */
export class TarReader {
  readonly #extract = extract()
  readonly #entries: AsyncIterator<Source>
  #inputError: Error | undefined
  #current: Source | undefined

  constructor(input: Readable) {
    this.#entries = this.#extract[Symbol.asyncIterator]()
    input.on('error', (error) => {
      this.#inputError = error
      this.#extract.destroy(error)
    })
    input.pipe(this.#extract)
  }

  /** Undefined after the last. Throws a FormatError when the archive is cut off or is none, else what reading the input threw. */
  async next(): Promise<TarEntry | undefined> {
    this.#current?.resume()
    try {
      const { done, value } = await this.#entries.next()
      if (done === true) return undefined
      this.#current = value
      const { name, size = 0 } = value.header
      return { name, size, body: this.#bodyOf(value) }
    } catch (error) {
      throw this.#explain(error)
    }
  }

  async *#bodyOf(source: Source): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) yield toBytes(chunk)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  #explain(error: unknown): unknown {
    if (this.#inputError !== undefined) return this.#inputError
    const message = error instanceof Error ? error.message : String(error)
    // The body of an entry is destroyed before the archive says why, and only an early end does so.
    if (/unexpected end|was destroyed/i.test(message)) return new FormatError('truncated', 'the tar archive is cut off')
    return new FormatError('malformed', `the tar archive cannot be read: ${message}`, { cause: error })
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError('a body is made of bytes')
}
