import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode } from '../blobs/disk-error.ts'
import { FileWriter } from '../blobs/file-writer.ts'
import { inParallel } from '../blobs/in-parallel.ts'
import { DeckleError } from '../core/errors.ts'
import type { SafeFolder } from '../core/safe-folder.ts'
import type { ExportDisk } from './export-disk.ts'
import { type ExportMarker, stagingName, writeMarker } from './export-marker.ts'
import { foldersAbove, requireExportPath } from './export-path.ts'

const lanes = 8

/**
 * One filling of a folder. Files are staged in it first; `show` then lists old and new ones in the marker, moves the new ones to
 * their places, takes the old ones out and lists what is left. Whoever dies on the way leaves a marker that lists everything.
 */
export class Delivery implements SafeFolder {
  readonly #disk: ExportDisk
  readonly #folder: string
  readonly #signal: AbortSignal
  /** Path → its staged file. */
  readonly #staged = new Map<string, string>()
  #count = 0

  /** `folder` is a real path and holds a marker. */
  constructor(disk: ExportDisk, folder: string, signal: AbortSignal) {
    this.#disk = disk
    this.#folder = folder
    this.#signal = signal
  }

  async write(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    requireExportPath(path)
    this.#count += 1
    const staged = join(this.#folder, stagingName, String(this.#count))
    const writer = new FileWriter(staged, (file) => this.#disk.open(file, 'wx'))
    try {
      for await (const chunk of body) {
        this.#signal.throwIfAborted()
        await writer.add(chunk)
      }
      await (await writer.finish()).close()
    } catch (error) {
      await writer.abandon()
      throw error
    }
    this.#staged.set(path, staged)
  }

  async show(before: ExportMarker): Promise<void> {
    await inParallel(this.#staged.values(), lanes, (staged) => this.#disk.flushFile(staged))
    const files = new Set(this.#staged.keys())
    const folders = new Set([...files].flatMap(foldersAbove))
    await this.#requireRoom(files, folders, before)
    this.#signal.throwIfAborted()
    const made = await this.#madeByUs(folders, before)
    const old = before.files.filter((path) => !files.has(path))
    await writeMarker(this.#disk, this.#folder, {
      owner: before.owner,
      files: [...files, ...old],
      folders: [...new Set([...made, ...before.folders])],
    })
    // A file that stands where a folder has to be, or the other way round, cannot wait.
    const isBelowFile = (path: string) => foldersAbove(path).some((above) => files.has(above))
    await this.#remove(old.filter((path) => folders.has(path) || isBelowFile(path)))
    await this.#removeFolders(before.folders.filter((path) => files.has(path) || isBelowFile(path)))
    for (const path of folders) await this.#makeFolder(path)
    for (const [path, staged] of this.#staged) await this.#place(path, staged)
    await this.#remove(old)
    await this.#removeFolders(before.folders.filter((path) => !folders.has(path)))
    await inParallel(['', ...folders], lanes, (path) => this.#disk.flushFolder(this.#at(path)))
    await writeMarker(this.#disk, this.#folder, { owner: before.owner, files: [...files], folders: made })
  }

  /** Throws kind `conflict` when something that is not ours stands where a file or a folder has to be. */
  async #requireRoom(files: ReadonlySet<string>, folders: ReadonlySet<string>, before: ExportMarker): Promise<void> {
    const ours = new Set([...before.files, ...before.folders])
    for (const path of files) {
      if (folders.has(path)) throw new DeckleError('conflict', `${path} would have to be a file and a folder`)
      if (!ours.has(path) && (await this.#stat(path)) !== undefined) throw this.#inTheWay(path)
    }
    for (const path of folders) {
      const found = ours.has(path) ? undefined : await this.#stat(path)
      if (found !== undefined && !found.isDirectory()) throw this.#inTheWay(path)
    }
  }

  /** Folders that are needed and that we have made or are to make, the outermost first. */
  async #madeByUs(folders: ReadonlySet<string>, before: ExportMarker): Promise<readonly string[]> {
    const ours = new Set([...before.files, ...before.folders])
    const made: string[] = []
    for (const path of folders) {
      if (ours.has(path) || (await this.#stat(path)) === undefined) made.push(path)
    }
    return made
  }

  async #makeFolder(path: string): Promise<void> {
    await unless(['EEXIST'], this.#disk.mkdir(this.#at(path)))
    if (!(await this.#isReal(this.#at(path)))) throw this.#inTheWay(path)
  }

  async #place(path: string, staged: string): Promise<void> {
    const target = this.#at(path)
    // Somebody may have put a link there since.
    if (!(await this.#isReal(dirname(target)))) throw this.#inTheWay(path)
    const moved = await unless(['EISDIR', 'ENOTEMPTY', 'EEXIST'], this.#disk.rename(staged, target))
    if (!moved) throw this.#inTheWay(path)
  }

  /** Only files: what has come to stand at their place meanwhile is not ours. */
  async #remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const target = this.#at(path)
      if (await this.#isReal(dirname(target)))
        await unless(['ENOENT', 'ENOTDIR', 'EISDIR', 'EPERM'], this.#disk.unlink(target))
    }
  }

  /** The innermost first. What somebody else has put something into stays. */
  async #removeFolders(paths: readonly string[]): Promise<void> {
    for (const path of paths.toSorted((one, two) => two.length - one.length)) {
      await unless(['ENOENT', 'ENOTEMPTY', 'ENOTDIR'], this.#disk.rmdir(this.#at(path)))
    }
  }

  async #isReal(folder: string): Promise<boolean> {
    try {
      return (await realpath(folder)) === folder
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false
      throw error
    }
  }

  async #stat(path: string) {
    try {
      return await lstat(this.#at(path))
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
      throw error
    }
  }

  #at(path: string): string {
    return join(this.#folder, path)
  }

  #inTheWay(path: string): DeckleError {
    const message = `${this.#at(path)} is in the way, and Deckle has not put it there: move it, or choose another folder`
    return new DeckleError('conflict', message, { resources: { path } })
  }
}

/** Whether it was done; false when the system refuses it for one of these reasons. */
async function unless(codes: readonly string[], done: Promise<unknown>): Promise<boolean> {
  try {
    await done
    return true
  } catch (error) {
    if (codes.some((code) => hasCode(error, code))) return false
    throw error
  }
}
