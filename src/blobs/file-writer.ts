import { type FileHandle, open, rm } from 'node:fs/promises'
import { writeAll } from './write-all.ts'

/** Opens a file that must not exist yet. Injectable so that tests can meet a full disk. */
export type CreateFile = (path: string) => Promise<FileHandle>

export const createFile: CreateFile = (path) => open(path, 'wx')

const flushBytes = 1024 * 1024
/** For somebody who reads what there is: a slow upstream shall not look like a silent one. */
const watchedFlushBytes = 64 * 1024
const flushChunks = 1024

/**
 * Writes one new file from chunks. Up to 1 MiB is gathered, so that a small file costs one open, one write and one close;
 * of a larger one a full MiB is written while the next one arrives. Chunks are kept without a copy until they are written.
 */
export class FileWriter {
  readonly #path: string
  readonly #create: CreateFile
  readonly #written: ((bytes: number) => void) | undefined
  readonly #flushBytes: number
  #total = 0
  #file: FileHandle | undefined
  #chunks: Uint8Array[] = []
  #bytes = 0
  #writing: Promise<void> = Promise.resolve()

  /** `written` hears how many bytes of the file can be read by now, in smaller steps than otherwise. */
  constructor(path: string, create: CreateFile = createFile, written?: (bytes: number) => void) {
    this.#path = path
    this.#create = create
    this.#written = written
    this.#flushBytes = written === undefined ? flushBytes : watchedFlushBytes
  }

  /** Resolves when more may come: immediately, or when the disk has caught up. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= this.#flushBytes || this.#chunks.length >= flushChunks) await this.#flush()
  }

  /** Resolves with the file: whole, not yet durable, and the caller's to close. */
  async finish(): Promise<FileHandle> {
    await this.#flush()
    await this.#writing
    const file = await this.#open()
    this.#file = undefined
    return file
  }

  /** Ends in any state and removes the file. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined)
    // A disk that fails may say so here once more.
    await this.#file?.close().catch(() => undefined)
    await rm(this.#path, { force: true })
  }

  async #flush(): Promise<void> {
    await this.#writing
    this.#writing = this.#write(this.#chunks)
    // Who awaits it next gets the error; until then it must not count as unhandled.
    this.#writing.catch(() => undefined)
    this.#chunks = []
    this.#bytes = 0
  }

  async #write(chunks: Uint8Array[]): Promise<void> {
    await writeAll(await this.#open(), chunks)
    this.#total += chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.#written?.(this.#total)
  }
  async #open(): Promise<FileHandle> {
    this.#file ??= await this.#create(this.#path)
    return this.#file
  }
}
