import { join } from 'node:path'
import { invalid } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { requireDirect } from '../database/require-direct.ts'
import { requirePostgres } from '../database/require-postgres.ts'
import type { Config } from './config.ts'

/** A PostgreSQL that is up. */
export interface DatabaseServer {
  readonly url: string
  /** The same database around a pooler, for the control connection and for migrations. */
  readonly directUrl: string
  stop(): Promise<void>
}

/** The configured PostgreSQL, or the embedded one, started here or adopted from a server that died. An abort ends a start that is under way. */
export async function startDatabase(config: Config, log: Log, signal: AbortSignal): Promise<DatabaseServer> {
  if (config.databaseUrl !== undefined) {
    const url = config.databaseUrl
    await requirePostgres(url)
    await requireDirect({ url, directUrl: config.databaseDirectUrl })
    return { url, directUrl: config.databaseDirectUrl ?? url, stop: async () => {} }
  }
  if (config.databaseDirectUrl !== undefined) throw invalid('DECKLE_DATABASE_DIRECT_URL needs DECKLE_DATABASE_URL')
  const { startEmbeddedPostgres } = await import('../database/embedded/supervisor.ts')
  const folder = join(config.dataDir, 'postgres')
  const user = config.databaseUser
  const server = await startEmbeddedPostgres({ folder, log, signal, ...(user !== undefined && { user }) })
  log.info(server.adopted ? 'the running embedded PostgreSQL was adopted' : 'the embedded PostgreSQL is up', { folder })
  return { url: server.url, directUrl: server.url, stop: () => server.stop() }
}
