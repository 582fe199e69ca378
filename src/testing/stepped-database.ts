import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from '../database/connection.ts'

/**
 * What a statement has read may be old when it comes to lock it. Here some time passes in between, row by row, so that others do
 * something in that time too.
 */
function slowly(statement: string): string {
  if (!statement.includes('SKIP LOCKED')) return statement
  return statement.replaceAll(/\bFROM (?:blob|file|unit)\s+WHERE\b/g, '$& pg_sleep(0.001) IS NOT NULL AND')
}

/**
 * A database of one process whose every statement is a step. When the process dies, what it has not committed is rolled back, as
 * the server does when a connection breaks.
 */
export function openSteppedDatabase(url: string, step: () => Promise<void>): Database {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  // The end of a pool does not wait until its connections have ended, and the database may be dropped under them.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const known = new WeakSet<object>()
  const connect = async () => {
    const client = await pool.connect()
    if (!known.has(client)) {
      known.add(client)
      const query = client.query.bind(client)
      const stepped = async (text: string, values: unknown[]) => {
        if (text !== 'rollback') await step()
        return query(slowly(text), values)
      }
      Object.assign(client, { query: stepped })
    }
    return client
  }
  return new Kysely({ dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: {} } }) })
}
