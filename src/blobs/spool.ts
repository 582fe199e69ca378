import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Expected, Verifier } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import type { Scratch } from '../core/scratch.ts'
import type { Spool } from '../core/spool.ts'
import type { FetchedDocument } from '../core/upstream.ts'
import { explainDiskError } from './disk-error.ts'
import { ScratchFile } from './scratch-file.ts'
import { sweepTemporary, temporaryName } from './temporary-name.ts'

const readBytes = 256 * 1024

/**
 * The temporary files of one run. They lose their names as soon as they are open, so the kernel frees them however the
 * process ends; `sweep` removes what a crash between the two calls leaves, and folders, which keep their names.
 */
export class RunSpool implements Spool {
  readonly #folder: string
  readonly #files = new Set<FileHandle>()
  readonly #folders = new Set<string>()
  #disposed = false

  /** `folder` is made when the first file is; many runs may share it. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Removes what dead processes left in `folder` before `before`. Returns how many files went. */
  static async sweep(folder: string, before: Date): Promise<number> {
    await mkdir(folder, { recursive: true })
    return await sweepTemporary(folder, before)
  }

  /** Receives a document whole and verifies it. `url` is where it came from, after redirects. On any error it may be called again. */
  async spool(body: AsyncIterable<Uint8Array>, expected: Expected, url: string): Promise<FetchedDocument> {
    const verifier = new Verifier(expected)
    const opened: FileHandle[] = []
    const file = new ScratchFile(async () => {
      const handle = await this.#open()
      opened.push(handle)
      return handle
    })
    try {
      for await (const chunk of body) {
        verifier.update(chunk)
        await file.append(chunk)
      }
      return { ...verifier.finish(), url, read: () => Readable.from(chunks(file), { objectMode: false }) }
    } catch (error) {
      await Promise.all(opened.map((handle) => this.#close(handle)))
      throw explainDiskError(error, this.#folder)
    }
  }

  async scratch(): Promise<Scratch> {
    const file = new ScratchFile(() => this.#open())
    const explain = (error: unknown) => {
      throw explainDiskError(error, this.#folder)
    }
    return {
      append: (bytes) => file.append(bytes).catch(explain),
      read: (offset, length) => file.read(offset, length).catch(explain),
    }
  }

  async folder(): Promise<string> {
    this.#requireOpen()
    const path = join(this.#folder, temporaryName())
    this.#folders.add(path)
    await mkdir(path, { recursive: true })
    return path
  }

  /** Frees all files of the run. Readers that are still open fail. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await Promise.all(Array.from(this.#files, (file) => this.#close(file)))
    for (const path of this.#folders) await rm(path, { recursive: true, force: true })
  }

  async #open(): Promise<FileHandle> {
    this.#requireOpen()
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, temporaryName())
    const file = await open(path, 'wx+')
    this.#files.add(file)
    await rm(path, { force: true })
    return file
  }

  #requireOpen(): void {
    if (this.#disposed) throw new DeckleError('internal', 'the run of this temporary file is over')
  }

  async #close(file: FileHandle): Promise<void> {
    this.#files.delete(file)
    await file.close()
  }
}

async function* chunks(file: ScratchFile): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < file.size; offset += readBytes) yield await file.read(offset, readBytes)
}
