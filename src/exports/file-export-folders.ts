import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { explainDiskError, hasCode } from '../blobs/disk-error.ts'
import { DeckleError } from '../core/errors.ts'
import type { ExportFolders, Filling, SafeFolder, WantedFolder } from '../core/safe-folder.ts'
import { allowedFolder } from './allowed-folder.ts'
import { Delivery } from './delivery.ts'
import { type ExportDisk, exportDisk } from './export-disk.ts'
import { type ExportMarker, holdsFiles, readMarker, stagingName, writeMarker } from './export-marker.ts'

/** Folders on this machine's disks (DESIGN §5). */
export class FileExportFolders implements ExportFolders {
  readonly #allowed: readonly string[]
  readonly #disk: ExportDisk

  /** `allowed`: absolute paths of folders that may be filled, as may the folders in them. */
  constructor(allowed: readonly string[], disk: ExportDisk = exportDisk) {
    this.#allowed = allowed
    this.#disk = disk
  }

  async require(folder: WantedFolder): Promise<void> {
    await allowedFolder(folder, this.#allowed)
  }

  async fill(filling: Filling, work: (folder: SafeFolder) => Promise<void>): Promise<void> {
    const folder = await allowedFolder(filling.folder, this.#allowed)
    try {
      await this.#fill(folder, filling, work)
    } catch (error) {
      throw explain(error, folder)
    }
  }

  async #fill(folder: string, { owner, signal }: Filling, work: (folder: SafeFolder) => Promise<void>): Promise<void> {
    const before = await this.#take(folder, owner)
    const staging = join(folder, stagingName)
    await this.#disk.rm(staging, { recursive: true, force: true })
    await this.#disk.mkdir(staging)
    try {
      const delivery = new Delivery(this.#disk, folder, signal)
      await work(delivery)
      await delivery.show(before)
    } finally {
      // What cannot be removed now goes with the next filling.
      await this.#disk.rm(staging, { recursive: true, force: true }).catch(() => undefined)
    }
  }

  /** Makes the folder ours, if it may be, and returns what we have put into it before. */
  async #take(folder: string, owner: string): Promise<ExportMarker> {
    await this.#disk.mkdir(folder, { recursive: true })
    // Somebody may have put a link there since it was looked at.
    if ((await realpath(folder)) !== folder) throw new DeckleError('conflict', `${folder} has become a link`)
    const marker = await readMarker(folder)
    if (marker?.owner === owner) return marker
    if (await holdsFiles(folder)) throw taken(folder, marker)
    const fresh = { owner, files: [], folders: [] }
    await writeMarker(this.#disk, folder, fresh)
    return fresh
  }
}

/** In words that name the folder; every other error as it is. */
function explain(error: unknown, folder: string): unknown {
  if (!hasCode(error, 'EACCES') && !hasCode(error, 'EPERM')) return explainDiskError(error, folder)
  const message = `Deckle may not write in ${folder}: give the right to the user that it runs as`
  return new DeckleError('conflict', message, {}, { cause: error })
}

function taken(folder: string, marker: ExportMarker | undefined): DeckleError {
  const reason = marker === undefined ? 'holds files that Deckle has not put there' : `belongs to ${marker.owner}`
  return new DeckleError('conflict', `${folder} ${reason}: empty it or choose another folder`)
}
