import { Kysely, PostgresDialect } from 'kysely'
import { Pool, type PoolConfig, types } from 'pg'
import type { Log } from '../core/log.ts'
import { withoutLogFields } from '../core/log-fields.ts'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>

/** bigint columns hold row ids and sizes below 2^53, so they are read as numbers. */
types.setTypeParser(types.builtins.INT8, Number)

export interface OpenDatabase {
  readonly database: Database
  /** For what kysely does not do: cursors and COPY. */
  readonly pool: Pool
  /** For connections of their own: LISTEN and the liveness lock, never from the pool (design-notes §2). */
  readonly url: string
  close(): Promise<void>
}

/** Opens a pool of at most `max` connections. Lost idle connections are logged; the next query makes a new one. */
export function openDatabase(url: string, log: Log, max = 8): OpenDatabase {
  const config: PoolConfig = { connectionString: url, max, application_name: 'deckle' }
  const pool = new Pool(config)
  pool.on('error', ({ message }) => {
    withoutLogFields(() => log.warn('an idle database connection was lost', { reason: message }))
  })
  // One that is lost between two statements of a transaction would end the process; the next statement fails and tells.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return { database, pool, url, close: () => close(database, pool) }
}

/** kysely ends only a pool that it has used itself; idle connections of another would keep the process for ten seconds. */
async function close(database: Database, pool: Pool): Promise<void> {
  await database.destroy()
  if (!pool.ending) await pool.end()
}
