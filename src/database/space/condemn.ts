import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { unneeded, unreserved } from './blob-conditions.ts'

/**
 * Marks those of the blobs of a condition over `blob` that nothing refers to, or that were never stored. Passes over rows that somebody holds: he is about to
 * refer to them, or the slow pass finds them. Returns how many were marked.
 */
export async function condemn(transaction: Transaction<Schema>, which: RawBuilder<boolean>): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE blob SET condemned_at = clock_timestamp() WHERE sha256 = ANY (ARRAY(
      SELECT sha256 FROM blob WHERE ${which} AND condemned_at IS NULL AND ${unreserved} AND ${unneeded}
      ORDER BY sha256 FOR NO KEY UPDATE SKIP LOCKED))`.execute(transaction)
  return Number(numAffectedRows ?? 0n)
}
