import { FileBlobStore } from '../blobs/file-blob-store.ts'
import { RunSpool } from '../blobs/spool.ts'
import type { BackupEnd } from '../core/backup.ts'
import { PostgresSnapshot } from '../database/backup/postgres-snapshot.ts'
import { openDatabase } from '../database/connection.ts'
import { withoutSweeps } from '../database/space/sweep-lock.ts'
import { type BackupProgress, backup } from '../operations/backup.ts'
import { openExistingDatabase } from './backup-database.ts'
import { openBackupOutput } from './backup-file.ts'
import { blobFolder, spoolFolder } from './compose.ts'
import { readConfig } from './config.ts'
import { openLog } from './log.ts'
import { version } from './version.ts'

export interface BackupCommand {
  readonly environment: NodeJS.ProcessEnv
  /** `-` is standard output. */
  readonly file: string
  readonly withBlobs: boolean
  readonly signal: AbortSignal
  readonly progress: BackupProgress
}

/** `deckle backup`: beside a running server, or on its own. Settings are read as the server reads them. */
export async function makeBackup(command: BackupCommand): Promise<BackupEnd> {
  const config = readConfig(command.environment)
  const log = openLog('warn')
  const created = new Date()
  await using stack = new AsyncDisposableStack()
  const output = await openBackupOutput(command.file, created)
  stack.defer(() => output.close())
  const database = await openExistingDatabase(config, log, command.signal)
  stack.defer(() => database.stop())
  const opened = openDatabase(database.url, log, 1)
  stack.defer(() => opened.close())
  const blobs = await FileBlobStore.open(blobFolder(config))
  const end = await withoutSweeps(opened.database, async () => {
    await using snapshot = await PostgresSnapshot.open(database.url)
    const openSpool = () => new RunSpool(spoolFolder(config))
    const services = { snapshot, archive: output.archive, blobs, openSpool }
    return await backup(services, { ...command, program: version, created })
  })
  await output.keep()
  return end
}
