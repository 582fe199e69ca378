import { FileBlobStore } from '../blobs/file-blob-store.ts'
import { DeckleError } from '../core/errors.ts'
import { PostgresRestoreTarget } from '../database/backup/postgres-restore-target.ts'
import { endEntry, readEnd } from '../operations/backup-entries.ts'
import { type RestoreOptions, type RestoreReport, restore } from '../operations/restore.ts'
import { openDatabaseAlone } from './backup-database.ts'
import { type BackupInput, openBackupInput } from './backup-file.ts'
import { claimBlobFolder } from './claim-blob-folder.ts'
import { blobFolder } from './compose.ts'
import { readConfig } from './config.ts'
import { openLog } from './log.ts'

export interface RestoreCommand extends RestoreOptions {
  readonly environment: NodeJS.ProcessEnv
  /** `-` is standard input. */
  readonly file: string
}

/** `deckle restore`: into the database and the blob folder that the settings name, which no server may use meanwhile. */
export async function restoreBackup(command: RestoreCommand): Promise<RestoreReport> {
  const config = readConfig(command.environment)
  const log = openLog('warn')
  await using stack = new AsyncDisposableStack()
  const input = await openBackupInput(command.file, endEntry)
  stack.defer(() => input.close())
  await requireUndamaged(input, command)
  const database = await openDatabaseAlone(config, log, command.signal)
  stack.defer(() => database.stop())
  const folder = blobFolder(config)
  const blobs = await FileBlobStore.open(folder)
  const target = await PostgresRestoreTarget.open({
    url: database.url,
    claimStore: (opened) => claimBlobFolder(opened, folder),
  })
  stack.defer(() => target.close())
  return await restore({ archive: input.archive, target, blobs }, command)
}

/** Before hours of work. What was damaged since the file was made comes to light on the way. */
async function requireUndamaged({ end }: BackupInput, { file, allowDamaged }: RestoreCommand): Promise<void> {
  if (end === undefined || allowDamaged) return
  const { damaged } = await readEnd(end)
  if (damaged === 0) return
  const remedy = 'Restore the rest with --allow-damaged: missing files are then fetched again'
  throw new DeckleError('invalid', `${file} was made without ${damaged} damaged or missing stored files. ${remedy}`)
}
