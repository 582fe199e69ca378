import { sql } from 'kysely'
import type { MaintenanceLock } from '../../core/retention.ts'
import type { Database } from '../connection.ts'

/** Keeps the lock apart from other users of PostgreSQL's advisory locks with two keys. */
const lockClass = 0x6d61696e
const lockKey = 1

/**
 * An advisory lock of a session, on a connection that the pool gives away for as long as the work takes. Should the connection
 * be lost meanwhile, another process may begin: what is done under this lock is safe side by side, only wasteful.
 */
export class PostgresMaintenanceLock implements MaintenanceLock {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  hold(work: () => Promise<void>): Promise<boolean> {
    return this.#database.connection().execute(async (connection) => {
      const { rows } = await sql<{ locked: boolean }>`
        SELECT pg_try_advisory_lock(${sql.lit(lockClass)}, ${sql.lit(lockKey)}) AS locked`.execute(connection)
      if (rows[0]?.locked !== true) return false
      try {
        await work()
      } finally {
        await sql`SELECT pg_advisory_unlock(${sql.lit(lockClass)}, ${sql.lit(lockKey)})`.execute(connection)
      }
      return true
    })
  }
}
