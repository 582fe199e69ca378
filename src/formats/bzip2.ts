import bitIterator from 'unbzip2-stream/lib/bit_iterator.js'
import bzip2 from 'unbzip2-stream/lib/bzip2.js'
import { FormatError } from './format-error.ts'
import type { Bytes } from './transformed.ts'

/** No compressed block is longer than this part of its open size and the fixed tables in front of it. */
const tableBytes = 25_000
const bytesPerLevel = 100_000
const collectedSize = 64 * 1024

/**
 * Reads all streams of a bzip2 file. The library's decoder is driven block by block, because its own stream interface
 * opens everything that it has got at once: a small bomb would fill the memory.
 */
export async function* bunzip2(source: Bytes): AsyncGenerator<Buffer> {
  const decoder = new BlockDecoder()
  for await (const chunk of source) {
    decoder.push(chunk)
    while (decoder.available > decoder.needed) yield* decoder.next()
  }
  while (decoder.available > 0) yield* decoder.next()
  if (!decoder.complete) throw new FormatError('truncated', 'the bzip2 data is cut off')
}

class BlockDecoder {
  /** True after the end of a stream, as long as nothing of a next one was read. */
  complete = false
  /** The empty buffer is for the reader, which wants one at once. */
  readonly #input: Uint8Array[] = [new Uint8Array()]
  #received = 0
  #starved = false
  readonly #bits = bitIterator(() => this.#nextBuffer())
  /** Block size of the stream that is being read, in units of 100,000 bytes; 0 between streams. */
  #level = 0
  #work = new Int32Array()
  #checksum = 0

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#input.push(chunk)
    this.#received += chunk.length
  }

  /** Bytes not read yet. */
  get available(): number {
    return this.#received - this.#bits.bytesRead
  }

  /** Bytes that must be available before the next step, unless the input has ended. */
  get needed(): number {
    return this.#level === 0 ? 4 : tableBytes + bytesPerLevel * this.#level
  }

  /** Reads the head of a stream, a block, or the end of a stream; returns the open bytes. */
  next(): readonly Buffer[] {
    this.complete = false
    try {
      return this.#level === 0 ? this.#readHead() : this.#readBlock()
    } catch (error) {
      if (this.#starved) throw new FormatError('truncated', 'the bzip2 data is cut off', { cause: error })
      throw new FormatError('malformed', 'this is not sound bzip2 data', { cause: error })
    }
  }

  #readHead(): readonly Buffer[] {
    this.#level = bzip2.header(this.#bits)
    this.#work = new Int32Array(bytesPerLevel * this.#level)
    this.#checksum = 0
    return []
  }

  #readBlock(): readonly Buffer[] {
    const open = new ByteCollector()
    const emit = (byte: number) => open.add(byte)
    const checksum = bzip2.decompress(this.#bits, emit, this.#work, this.#work.length, this.#checksum)
    this.complete = checksum === null
    if (checksum === null) this.#level = 0
    else this.#checksum = checksum
    return open.finish()
  }

  #nextBuffer(): Uint8Array | undefined {
    const next = this.#input.shift()
    this.#starved = next === undefined
    return next
  }
}

/** Gathers single bytes: a block may open to 46 MB. */
class ByteCollector {
  readonly #full: Buffer[] = []
  #current = Buffer.allocUnsafe(collectedSize)
  #length = 0

  add(byte: number): void {
    if (this.#length === collectedSize) {
      this.#full.push(this.#current)
      this.#current = Buffer.allocUnsafe(collectedSize)
      this.#length = 0
    }
    this.#current[this.#length++] = byte
  }

  finish(): readonly Buffer[] {
    return [...this.#full, this.#current.subarray(0, this.#length)]
  }
}
