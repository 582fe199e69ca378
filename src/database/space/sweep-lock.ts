import { sql, type Transaction } from 'kysely'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'

/** Keeps the lock apart from other users of PostgreSQL's advisory locks with two keys. */
const lockClass = 0x73776565
const lockKey = 1

/** Before the statements of a sweep; it belongs to the transaction. False when a backup or another sweep holds it. */
export async function trySweepLock(transaction: Transaction<Schema>): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(lockKey)}) AS locked`.execute(transaction)
  return rows[0]?.locked === true
}

/**
 * Keeps every blob that is stored when this begins until `work` is done. `work` takes its snapshot of the database inside. Holds a
 * connection of the pool; should that be lost, blobs may be deleted again.
 */
export function withoutSweeps<Result>(database: Database, work: () => Promise<Result>): Promise<Result> {
  return database.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock_shared(${sql.lit(lockClass)}, ${sql.lit(lockKey)})`.execute(connection)
    try {
      return await work()
    } finally {
      await sql`SELECT pg_advisory_unlock_shared(${sql.lit(lockClass)}, ${sql.lit(lockKey)})`.execute(connection)
    }
  })
}
