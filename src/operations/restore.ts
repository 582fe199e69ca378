import type { ArchiveEntry, ArchiveReader, BackupEnd, BackupManifest, RestoreTarget } from '../core/backup.ts'
import type { BlobStore } from '../core/blob-store.ts'
import { broken, endEntry, readEnd, readManifest, readSequences, sequencesEntry, tableEntry } from './backup-entries.ts'
import { type RestoreBlobsOptions, restoreBlobs } from './restore-blobs.ts'

export interface RestoreServices {
  readonly archive: ArchiveReader
  readonly target: RestoreTarget
  readonly blobs: BlobStore
}

export interface RestoreOptions extends RestoreBlobsOptions {
  readonly progress: RestoreBlobsOptions['progress'] & { table(name: string, rows: number): void }
}

/** What a restore has made. */
export interface RestoreReport {
  readonly manifest: BackupManifest
  readonly rows: number
  readonly blobs: number
  /** Blobs that are not there now. */
  readonly damaged: number
}

/**
 * Brings a backup into an empty database and blob store. Blobs first become durable, then one transaction refers to them: a restore
 * that is killed or meets a broken file leaves an empty database, and blobs that the next one finds there.
 */
export async function restore(services: RestoreServices, options: RestoreOptions): Promise<RestoreReport> {
  const { archive, target } = services
  const manifest = await readManifest(await archive.next())
  await target.begin(manifest)
  let rows = 0
  for (const table of manifest.tables) {
    options.signal.throwIfAborted()
    const loaded = await target.loadRows(table, (await expect(archive, tableEntry(table.name))).body)
    options.progress.table(table.name, loaded)
    rows += loaded
  }
  await target.setSequences(await readSequences(await expect(archive, sequencesEntry)))
  const { blobs, damaged, next } = await restoreBlobs(services, manifest, options)
  await requireWhole(archive, next, { tables: manifest.tables.length, rows, blobs })
  options.signal.throwIfAborted()
  await target.commit()
  return { manifest, rows, blobs, damaged }
}

async function expect(archive: ArchiveReader, name: string): Promise<ArchiveEntry> {
  const entry = await archive.next()
  if (entry?.name === name) return entry
  throw broken(entry === undefined ? 'it is cut off' : `it has ${entry.name} where ${name} should be`)
}

async function requireWhole(
  archive: ArchiveReader,
  last: ArchiveEntry | undefined,
  found: Omit<BackupEnd, 'damaged'>,
): Promise<void> {
  if (last === undefined) throw broken('it is cut off')
  if (last.name !== endEntry) throw broken(`it has ${last.name}, which its database does not know`)
  const { tables, rows, blobs } = await readEnd(last)
  if (tables !== found.tables || rows !== found.rows || blobs !== found.blobs) {
    throw broken(
      `it holds other numbers of rows or blobs (${found.rows}, ${found.blobs}) than it says (${rows}, ${blobs})`,
    )
  }
  if ((await archive.next()) !== undefined) throw broken('it goes on after its end')
}
