import {
  type ArchiveWriter,
  type BackupEnd,
  type BackupManifest,
  type BackupTable,
  backupFormat,
  type DatabaseSnapshot,
} from '../core/backup.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { Measured } from '../core/digest.ts'
import { inOnePiece } from '../core/in-one-piece.ts'
import type { Spool } from '../core/spool.ts'
import { blobEntry, endEntry, manifestEntry, sequencesEntry, tableEntry } from './backup-entries.ts'
import { type BlobFault, findBlobFault, wholeBody } from './whole-body.ts'

export interface BackupServices {
  readonly snapshot: DatabaseSnapshot
  readonly archive: ArchiveWriter
  readonly blobs: Pick<BlobStore, 'size' | 'read'>
  /** Temporary files; a table's size must be known before it is written. */
  openSpool(): Spool
}

export interface BackupOptions {
  /** Version of this program. */
  readonly program: string
  readonly created: Date
  /** False where the blobs are kept by other means, a shared store for instance. */
  readonly withBlobs: boolean
  readonly signal: AbortSignal
  readonly progress: BackupProgress
}

/** What a person may want to hear meanwhile. */
export interface BackupProgress {
  table(name: string, rows: number): void
  blobs(done: number, all: number): void
  /** The file does not hold the right bytes of this blob. */
  damaged(fault: BlobFault): void
}

const chunkBytes = 256 * 1024

/**
 * Writes the database as it is at one moment, and its blobs, into an archive whose last entry tells that it is whole. Servers work
 * on meanwhile. A missing or damaged blob is named and does not end the backup: its caller decides what that means.
 */
export async function backup(services: BackupServices, options: BackupOptions): Promise<BackupEnd> {
  const { snapshot, archive } = services
  await addJson(archive, manifestEntry, manifestOf(snapshot, options))
  let rows = 0
  for (const table of snapshot.tables) rows += await addTable(services, table, options)
  await addJson(archive, sequencesEntry, { sequences: snapshot.sequences })
  const blobs = options.withBlobs ? await addBlobs(services, options) : { blobs: 0, damaged: 0 }
  const end: BackupEnd = { tables: snapshot.tables.length, rows, ...blobs }
  await addJson(archive, endEntry, end)
  return end
}

function manifestOf(snapshot: DatabaseSnapshot, options: BackupOptions): BackupManifest {
  return {
    format: backupFormat,
    program: options.program,
    postgres: snapshot.postgres,
    created: options.created.toISOString(),
    migrations: snapshot.migrations,
    tables: snapshot.tables,
    blobs: { included: options.withBlobs, ...snapshot.blobs },
  }
}

async function addTable(services: BackupServices, table: BackupTable, options: BackupOptions): Promise<number> {
  const { snapshot, archive } = services
  const spool = services.openSpool()
  try {
    const scratch = await spool.scratch()
    let size = 0
    const rows = await snapshot.readRows(table, async (chunk) => {
      options.signal.throwIfAborted()
      await scratch.append(chunk)
      size += chunk.length
    })
    await archive.add(tableEntry(table.name), size, readBack(scratch, size))
    options.progress.table(table.name, rows)
    return rows
  } finally {
    await spool.dispose()
  }
}

async function* readBack(scratch: Awaited<ReturnType<Spool['scratch']>>, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; offset += chunkBytes) yield await scratch.read(offset, chunkBytes)
}

async function addBlobs(
  services: BackupServices,
  { signal, progress }: BackupOptions,
): Promise<{ blobs: number; damaged: number }> {
  const { count } = services.snapshot.blobs
  let [blobs, damaged] = [0, 0]
  for await (const blob of services.snapshot.storedBlobs()) {
    signal.throwIfAborted()
    const { added, fault } = await addBlob(services, blob)
    if (added) blobs += 1
    if (fault !== undefined) {
      damaged += 1
      progress.damaged(fault)
    }
    progress.blobs(blobs, count)
  }
  return { blobs, damaged }
}

/** Bytes that turn out to be wrong stand in the archive already; restoring finds that out in the same way. */
async function addBlob(
  { archive, blobs }: BackupServices,
  blob: Measured,
): Promise<{ added: boolean; fault: BlobFault | undefined }> {
  const known = await findBlobFault(blobs, blob)
  if (known !== undefined) return { added: false, fault: known }
  const body = wholeBody(blobs, blob)
  await archive.add(blobEntry(blob.sha256), blob.size, body.bytes)
  return { added: true, fault: body.fault() }
}

async function addJson(archive: ArchiveWriter, name: string, value: object): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
  await archive.add(name, bytes.length, inOnePiece(bytes))
}
