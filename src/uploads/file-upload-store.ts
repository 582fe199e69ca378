import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { explainDiskError, hasCode } from '../blobs/disk-error.ts'
import { type Durability, durability } from '../blobs/durability.ts'
import { DeckleError, notFound } from '../core/errors.ts'
import type { SpaceGauge } from '../core/space.ts'
import { isUploadId, type UploadedFile, type UploadRequests, type UploadStore } from '../core/upload.ts'
import { openUploadedFile } from './uploaded-file.ts'
import { writeAt } from './write-at.ts'

export interface FileUploadStoreOptions {
  /** Absolute; seen by all processes that share `requests`. */
  readonly folder: string
  readonly requests: UploadRequests
  /** Of one request. */
  readonly maxBytes: number
  readonly space: SpaceGauge
  readonly durability?: Durability
  /** Opens a file that is there for writing; for tests that break the disk. */
  readonly openFile?: (path: string) => Promise<FileHandle>
}

/** Requests that one statement names when files are held against them. */
const sweptAtOnce = 1000

/**
 * The bytes of upload requests: a file for each, named by its id, which is written at any place. The row comes before the file and
 * goes before it, and the file is durable before anybody hears of the request: so a file without a row is a leftover.
 */
export class FileUploadStore implements UploadStore {
  readonly #options: FileUploadStoreOptions
  readonly #durability: Durability

  constructor(options: FileUploadStoreOptions) {
    this.#options = options
    this.#durability = options.durability ?? durability
  }

  async create(): Promise<string> {
    const { folder, requests } = this.#options
    const id = await requests.create()
    try {
      await mkdir(folder, { recursive: true })
      await (await open(this.#path(id), 'wx')).close()
      await this.#durability.folder(folder)
      return id
    } catch (error) {
      await requests.delete(id)
      throw explainDiskError(error, folder)
    }
  }

  list(): Promise<readonly string[]> {
    return this.#options.requests.list()
  }

  async write(id: string, offset: number, body: AsyncIterable<Uint8Array>, announced = 0): Promise<void> {
    this.#requireFits(offset + announced)
    await this.#requireKnown(id)
    const file = await this.#open(id)
    try {
      const fits = (end: number) => this.#requireFits(end)
      await writeAt(file, offset, body, { fits, space: this.#options.space })
      await file.datasync()
    } catch (error) {
      throw explainDiskError(error, this.#options.folder)
    } finally {
      await file.close()
    }
    // Deleted meanwhile: then nothing was kept.
    await this.#requireKnown(id)
  }

  async open(id: string): Promise<UploadedFile> {
    await this.#requireKnown(id)
    const path = this.#path(id)
    try {
      return openUploadedFile(path, (await stat(path)).size)
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? unknown(id) : error
    }
  }

  async delete(id: string): Promise<void> {
    const { requests } = this.#options
    if ((await requests.present([id])).size === 0) return
    await requests.delete(id)
    await this.#remove(id)
  }

  /** Deletes the requests that nobody wrote to for so long and imports, and files of none. Returns how many there were. */
  async sweep(idleSeconds: number): Promise<number> {
    const idle = await this.#options.requests.deleteIdle(idleSeconds, sweptAtOnce)
    for (const id of idle) await this.#remove(id)
    return idle.length + (await this.#sweepFiles())
  }

  async #sweepFiles(): Promise<number> {
    const names = await this.#names()
    let removed = 0
    for (let at = 0; at < names.length; at += sweptAtOnce) {
      const some = names.slice(at, at + sweptAtOnce)
      const present = await this.#options.requests.present(some)
      const leftovers = some.filter((id) => !present.has(id))
      for (const id of leftovers) await this.#remove(id)
      removed += leftovers.length
    }
    return removed
  }

  /** There is no folder before the first request. */
  async #names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#options.folder)).filter(isUploadId)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return []
      throw error
    }
  }

  #requireFits(end: number): void {
    const { maxBytes } = this.#options
    if (end <= maxBytes) return
    const remedy = 'have the setting uploads.maxBytes (DECKLE_UPLOADS_MAX_BYTES) raised if it is to be larger'
    throw new DeckleError('invalid', `An upload may have ${maxBytes} bytes; ${remedy}`, { code: 'upload_too_large' })
  }

  async #requireKnown(id: string): Promise<void> {
    if (!(await this.#options.requests.touch(id))) throw unknown(id)
  }

  async #open(id: string): Promise<FileHandle> {
    try {
      const { openFile = (path) => open(path, 'r+') } = this.#options
      return await openFile(this.#path(id))
    } catch (error) {
      if (hasCode(error, 'ENOENT')) throw unknown(id)
      throw explainDiskError(error, this.#options.folder)
    }
  }

  async #remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true })
  }

  /** Of an id that has a row, or of a name in the folder: neither leads out of it. */
  #path(id: string): string {
    return join(this.#options.folder, id)
  }
}

function unknown(id: string): DeckleError {
  return notFound({ upload_request: id })
}
