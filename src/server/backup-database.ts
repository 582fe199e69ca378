import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { chosenFolder } from '../database/embedded/placement.ts'
import { runningEmbeddedPostgres } from '../database/embedded/running.ts'
import type { Config } from './config.ts'
import { startDatabase } from './database-server.ts'

/** A database that is open for one command. */
export interface CommandDatabase {
  /** Around a pooler: backups hold locks and transactions. */
  readonly url: string
  stop(): Promise<void>
}

/** The database of the server that these settings describe: beside a running server, or started for the time being. */
export async function openExistingDatabase(config: Config, log: Log, signal: AbortSignal): Promise<CommandDatabase> {
  if (config.databaseUrl === undefined) {
    const folder = join(config.dataDir, 'postgres')
    const running = await runningEmbeddedPostgres(folder)
    if (running !== undefined) return { url: running, stop: async () => undefined }
    if (!(await exists(join(await chosenFolder(folder), 'data')))) throw nothingThere(config.dataDir)
  }
  return openDatabaseAlone(config, log, signal)
}

/** The same for who must be alone with it: refused while a server runs on the embedded one. */
export async function openDatabaseAlone(config: Config, log: Log, signal: AbortSignal): Promise<CommandDatabase> {
  // As a server makes it: the user under whom root runs PostgreSQL has to pass through here.
  await mkdir(config.dataDir, { recursive: true })
  const { directUrl, stop } = await startDatabase(config, log, signal)
  return { url: directUrl, stop }
}

function nothingThere(folder: string): DeckleError {
  return new DeckleError(
    'invalid',
    `${folder} holds no database of Deckle. Set DECKLE_DATA_DIR or DECKLE_DATABASE_URL as for the server`,
  )
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
