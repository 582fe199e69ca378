import { Readable, Writable } from 'node:stream'
import type { Migration } from 'kysely/migration'
import { RunSpool } from '../blobs/spool.ts'
import type { BackupEnd } from '../core/backup.ts'
import type { BlobStore } from '../core/blob-store.ts'
import { PostgresRestoreTarget } from '../database/backup/postgres-restore-target.ts'
import { PostgresSnapshot } from '../database/backup/postgres-snapshot.ts'
import { TarReader } from '../formats/tar-reader.ts'
import { TarWriter } from '../formats/tar-writer.ts'
import { backup } from '../operations/backup.ts'
import { type RestoreReport, restore } from '../operations/restore.ts'

export interface MadeBackup {
  readonly bytes: Buffer
  readonly end: BackupEnd
  /** sha256 of the blobs that were named. */
  readonly damaged: readonly string[]
}

/** The real parts of a backup, into memory. `folder` takes temporary files. */
export async function makeBackup(
  url: string,
  blobs: Pick<BlobStore, 'size' | 'read'>,
  folder: string,
  options: { withBlobs?: boolean; beforeRows?: () => Promise<void> } = {},
): Promise<MadeBackup> {
  const chunks: Buffer[] = []
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  const archive = new TarWriter(output, new Date(0))
  const damaged: string[] = []
  await using snapshot = await PostgresSnapshot.open(url)
  await options.beforeRows?.()
  const end = await backup(
    { snapshot, archive, blobs, openSpool: () => new RunSpool(folder) },
    {
      program: 'test',
      created: new Date(0),
      withBlobs: options.withBlobs ?? true,
      signal: new AbortController().signal,
      progress: { ...quiet, damaged: ({ sha256 }) => damaged.push(sha256) },
    },
  )
  await archive.finish()
  return { bytes: Buffer.concat(chunks), end, damaged }
}

/** The real parts of a restore, from memory. */
export async function restoreBackup(
  url: string,
  bytes: Uint8Array,
  blobs: BlobStore,
  options: {
    allowDamaged?: boolean
    migrations?: Readonly<Record<string, Migration>>
    signal?: AbortSignal
    onTable?: (name: string) => void
  } = {},
): Promise<RestoreReport> {
  const { migrations, allowDamaged = false, signal = new AbortController().signal } = options
  const target = await PostgresRestoreTarget.open({
    url,
    claimStore: async () => undefined,
    ...(migrations !== undefined && { migrations }),
  })
  try {
    const archive = new TarReader(Readable.from(inPieces(bytes)))
    const progress = { ...quiet, table: (name: string) => options.onTable?.(name) }
    return await restore({ archive, target, blobs }, { allowDamaged, signal, progress })
  } finally {
    await target.close()
  }
}

const quiet = { table() {}, blobs() {}, damaged() {} }

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 10_000) yield bytes.subarray(start, start + 10_000)
}
