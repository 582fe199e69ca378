import { sql, type Transaction } from 'kysely'
import type { Client } from 'pg'
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
 * Keeps every blob that is stored when this resolves until the client's connection ends. Take the snapshot of the database after
 * it; should the connection be lost, blobs may be deleted again.
 */
export async function holdSweeps(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_lock_shared($1::integer, $2::integer)', [lockClass, lockKey])
}
