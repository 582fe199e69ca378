import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { BlobStore, ByteRange, StagedBlob, StagedReader, StagingWatcher } from '../core/blob-store.ts'
import { type Expected, Verifier } from '../core/digest.ts'
import { notFound } from '../core/errors.ts'
import { abortable } from './abortable.ts'
import { BlobPaths } from './blob-paths.ts'
import { explainDiskError, hasCode } from './disk-error.ts'
import { type Durability, durability } from './durability.ts'
import { type CreateFile, createFile, FileWriter } from './file-writer.ts'
import { inParallel } from './in-parallel.ts'
import { openStagedFile } from './staged-file.ts'
import { sweepTemporary, temporaryName } from './temporary-name.ts'

/** Files that are flushed at once: half of the threads of a worker slot, so that there are always some to write what arrives. */
const lanes = 8
const readBytes = 256 * 1024

export interface FileBlobStoreOptions {
  readonly createFile?: CreateFile
  readonly durability?: Durability
}

/**
 * Blobs as files (`blob-paths.ts` draws the tree). Several processes may share one store, on one file system: staged bytes get
 * their names by renaming. A name in the tree always stands for whole, durable bytes.
 */
export class FileBlobStore implements BlobStore {
  readonly #paths: BlobPaths
  readonly #createFile: CreateFile
  readonly #durability: Durability
  /** Of staged bytes, by handle; the others are flushed by their commit. */
  readonly #flushes = new Map<string, Promise<void>>()
  #flushing = 0

  private constructor(paths: BlobPaths, options: FileBlobStoreOptions) {
    this.#paths = paths
    this.#createFile = options.createFile ?? createFile
    this.#durability = options.durability ?? durability
  }

  /** Opens the store in `root`, an absolute path; makes its folders where they are missing. */
  static async open(root: string, options: FileBlobStoreOptions = {}): Promise<FileBlobStore> {
    const store = new FileBlobStore(new BlobPaths(root), options)
    await store.#makeFolders()
    return store
  }

  async stage(
    body: AsyncIterable<Uint8Array>,
    options: { expected?: Expected; signal?: AbortSignal; watcher?: StagingWatcher } = {},
  ): Promise<StagedBlob> {
    const handle = temporaryName()
    const { watcher } = options
    const written = watcher && ((bytes: number) => watcher.written(bytes))
    const writer = new FileWriter(join(this.#paths.staging, handle), this.#createFile, written)
    const verifier = new Verifier(options.expected)
    watcher?.started(handle)
    try {
      for await (const chunk of abortable(body, options.signal)) {
        verifier.update(chunk)
        await writer.add(chunk)
      }
      const measured = verifier.finish()
      await this.#flushSoon(handle, await writer.finish())
      return { ...measured, handle }
    } catch (error) {
      await writer.abandon()
      throw explainDiskError(error, this.#paths.root)
    }
  }

  /** Bytes first, then names, then the folders that hold the names: at no moment does a name stand for less than its blob. */
  async commit(blobs: readonly StagedBlob[], options: { replace?: boolean } = {}): Promise<void> {
    try {
      const fresh = options.replace === true ? blobs : await this.#withoutStored(blobs)
      await inParallel(fresh, lanes, (blob) => this.#flush(blob.handle))
      await inParallel(fresh, lanes, (blob) => rename(this.#staged(blob), this.#paths.blob(blob.sha256)))
      // Folders of blobs that were there before, too: their writer may not have come to its own flush yet.
      const folders = new Set(blobs.map((blob) => this.#paths.folder(blob.sha256)))
      await inParallel(folders, lanes, (folder) => this.#durability.folder(folder))
      this.#forget(blobs)
    } catch (error) {
      // A flush that is repeated may succeed although the bytes are lost: the system drops pages that it could not write.
      await this.discard(blobs).catch(() => undefined)
      throw explainDiskError(error, this.#paths.root)
    }
  }

  async discard(blobs: readonly StagedBlob[]): Promise<void> {
    this.#forget(blobs)
    await inParallel(blobs, lanes, (blob) => rm(this.#staged(blob), { force: true }))
  }

  openStaged(handle: string): Promise<StagedReader | undefined> {
    return openStagedFile(join(this.#paths.staging, basename(handle)))
  }

  async size(sha256: string): Promise<number | undefined> {
    try {
      return (await stat(this.#paths.blob(sha256))).size
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async read(sha256: string, range?: ByteRange): Promise<Readable> {
    const file = await this.#open(sha256)
    return file.createReadStream({ ...range, highWaterMark: readBytes })
  }

  async look(sha256: string, { start, end }: ByteRange, use: (bytes: Buffer) => void): Promise<void> {
    const file = await this.#open(sha256)
    try {
      const memory = Buffer.allocUnsafeSlow(Math.min(2 * readBytes, end + 1 - start))
      for (let at = start; at <= end; ) {
        const { bytesRead } = await file.read(memory, 0, Math.min(memory.length, end + 1 - at), at)
        if (bytesRead === 0) return
        use(memory.subarray(0, bytesRead))
        at += bytesRead
      }
    } finally {
      await file.close()
    }
  }

  async #open(sha256: string): Promise<FileHandle> {
    try {
      return await open(this.#paths.blob(sha256), 'r')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) throw notFound({ blob: sha256 })
      throw error
    }
  }

  path(sha256: string): string {
    return this.#paths.blob(sha256)
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.#paths.blob(sha256), { force: true })
  }

  sweepStaging(before: Date): Promise<number> {
    return sweepTemporary(this.#paths.staging, before)
  }

  #staged({ handle }: Pick<StagedBlob, 'handle'>): string {
    return join(this.#paths.staging, basename(handle))
  }

  /**
   * Takes over a file that is whole, and flushes it while others arrive, as long as there are threads for it: its commit then has
   * less to wait for, and nothing is opened twice. What the flush throws is for the commit.
   */
  async #flushSoon(handle: string, file: FileHandle): Promise<void> {
    if (this.#flushing >= lanes) return file.close()
    this.#flushing += 1
    const flush = this.#flushOpen(handle, file)
    flush.catch(() => undefined)
    this.#flushes.set(handle, flush)
  }

  async #flushOpen(handle: string, file: FileHandle): Promise<void> {
    try {
      await this.#durability.file(this.#staged({ handle }), file)
    } finally {
      this.#flushing -= 1
      await file.close()
    }
  }

  async #flush(handle: string): Promise<void> {
    await (this.#flushes.get(handle) ?? this.#durability.file(this.#staged({ handle })))
  }

  #forget(blobs: readonly StagedBlob[]): void {
    for (const { handle } of blobs) this.#flushes.delete(handle)
  }

  /** Drops the staged bytes of blobs that are stored already, and returns the others. A name with too few bytes is damaged. */
  async #withoutStored(blobs: readonly StagedBlob[]): Promise<readonly StagedBlob[]> {
    const fresh: StagedBlob[] = []
    const stored: StagedBlob[] = []
    await inParallel(blobs, lanes, async (blob) => {
      const list = (await this.size(blob.sha256)) === blob.size ? stored : fresh
      list.push(blob)
    })
    await this.discard(stored)
    return fresh
  }

  async #makeFolders(): Promise<void> {
    await mkdir(this.#paths.staging, { recursive: true })
    const present = new Set(await readdir(this.#paths.root))
    const missing = this.#paths.folders().filter((folder) => !present.has(basename(folder)))
    if (missing.length === 0) return
    await inParallel(missing, lanes, (folder) => mkdir(folder, { recursive: true }))
    await this.#durability.folder(this.#paths.root)
    await this.#durability.folder(dirname(this.#paths.root))
  }
}
