import { Client } from 'pg'
import type { MaintenanceLock } from '../../core/retention.ts'

/** Keeps the lock apart from other users of PostgreSQL's advisory locks with two keys. */
const lockClass = 0x6d61696e
const lockKey = 1
const answerMs = 5_000

/**
 * An advisory lock of a session, on a connection that is there for as long as the work takes: not from the pool, which may lead
 * through a pooler that shares sessions. Should it be lost meanwhile, another process may begin: what is done under this lock is
 * safe side by side, only wasteful.
 */
export class PostgresMaintenanceLock implements MaintenanceLock {
  readonly #url: string

  /** The way around a pooler. */
  constructor(directUrl: string) {
    this.#url = directUrl
  }

  async hold(work: () => Promise<void>): Promise<boolean> {
    const client = await connect(this.#url)
    try {
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
        lockClass,
        lockKey,
      ])
      if (rows[0]?.locked !== true) return false
      await work()
      return true
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

async function connect(connectionString: string): Promise<Client> {
  const times = { connectionTimeoutMillis: answerMs, query_timeout: answerMs, keepAlive: true }
  const client = new Client({ connectionString, application_name: 'deckle maintenance', ...times })
  // A connection that is lost while the work goes on is no failure of the work.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
