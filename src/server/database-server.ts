import { join } from 'node:path'
import type { Log } from '../core/log.ts'
import { requirePostgres } from '../database/require-postgres.ts'
import type { Config } from './config.ts'

/** A PostgreSQL that is up. */
export interface DatabaseServer {
  readonly url: string
  stop(): Promise<void>
}

/** The configured PostgreSQL, or the embedded one, started here or adopted from a server that died. An abort ends a start that is under way. */
export async function startDatabase(config: Config, log: Log, signal: AbortSignal): Promise<DatabaseServer> {
  if (config.databaseUrl !== undefined) {
    await requirePostgres(config.databaseUrl)
    return { url: config.databaseUrl, stop: async () => {} }
  }
  const { startEmbeddedPostgres } = await import('../database/embedded/supervisor.ts')
  const folder = join(config.dataDir, 'postgres')
  const user = config.databaseUser
  const server = await startEmbeddedPostgres({ folder, log, signal, ...(user !== undefined && { user }) })
  log.info(server.adopted ? 'the running embedded PostgreSQL was adopted' : 'the embedded PostgreSQL is up', { folder })
  return server
}
