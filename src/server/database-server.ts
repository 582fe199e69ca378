import { join } from 'node:path'
import { Client } from 'pg'
import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Config } from './config.ts'

/** A PostgreSQL that is up. */
export interface DatabaseServer {
  readonly url: string
  stop(): Promise<void>
}

const oldestVersion = 150_000

/** The configured PostgreSQL, or the embedded one, started here or adopted from a server that died. */
export async function startDatabase(config: Config, log: Log): Promise<DatabaseServer> {
  if (config.databaseUrl !== undefined) {
    await requireVersion(config.databaseUrl)
    return { url: config.databaseUrl, stop: async () => {} }
  }
  const { startEmbeddedPostgres } = await import('../database/embedded/supervisor.ts')
  const folder = join(config.dataDir, 'postgres')
  const user = config.databaseUser
  const server = await startEmbeddedPostgres({ folder, log, ...(user !== undefined && { user }) })
  log.info(server.adopted ? 'the running embedded PostgreSQL was adopted' : 'the embedded PostgreSQL is up', { folder })
  return server
}

async function requireVersion(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::integer AS version`,
    )
    const version = rows[0]?.version ?? 0
    if (version >= oldestVersion) return
    throw new DeckleError('invalid', `PostgreSQL 15 or later is needed; DECKLE_DATABASE_URL leads to ${version}`)
  } catch (error) {
    if (error instanceof DeckleError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError(
      'internal',
      `the database of DECKLE_DATABASE_URL does not answer: ${reason}`,
      {},
      { cause: error },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
