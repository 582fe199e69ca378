import type { FileHandle } from 'node:fs/promises'
import type { Scratch } from '../core/scratch.ts'
import { writeAll } from './write-all.ts'

const memoryBytes = 256 * 1024

/**
 * Bytes that are appended and read back at random. The last 256 KiB are gathered in memory, so many small appends cost few
 * writes, and what never grows beyond needs no file at all.
 */
export class ScratchFile implements Scratch {
  readonly #open: () => Promise<FileHandle>
  #file: FileHandle | undefined
  #tail: Uint8Array[] = []
  #tailStart = 0
  #size = 0
  #writing: Promise<void> = Promise.resolve()

  /** `open` makes the file when it is needed; who made it closes it. */
  constructor(open: () => Promise<FileHandle>) {
    this.#open = open
  }

  /** Bytes appended so far. */
  get size(): number {
    return this.#size
  }

  async append(bytes: Uint8Array): Promise<number> {
    const offset = this.#size
    // What is written before this returns need not be copied.
    this.#tail.push(bytes.length >= memoryBytes ? bytes : Buffer.from(bytes))
    this.#size += bytes.length
    if (this.#size - this.#tailStart >= memoryBytes) await this.#spill()
    return offset
  }

  /** Fewer bytes than `length` where the end is nearer. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.#size)
    if (offset >= end) return new Uint8Array()
    if (this.#tailStart === 0) return this.#joinTail().subarray(offset, end)
    if (end > this.#tailStart) await this.#spill()
    return await this.#readFile(offset, end - offset)
  }

  #joinTail(): Uint8Array {
    const whole = Buffer.concat(this.#tail)
    this.#tail = [whole]
    return whole
  }

  async #readFile(offset: number, length: number): Promise<Uint8Array> {
    await this.#writing
    const file = await this.#opened()
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset)
    return buffer.subarray(0, bytesRead)
  }

  #spill(): Promise<void> {
    const chunks = this.#tail
    const position = this.#tailStart
    this.#tail = []
    this.#tailStart = this.#size
    this.#writing = this.#writing.then(async () => writeAll(await this.#opened(), chunks, position))
    return this.#writing
  }

  async #opened(): Promise<FileHandle> {
    this.#file ??= await this.#open()
    return this.#file
  }
}
