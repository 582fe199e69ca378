import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** One at a time, or two that each take a part of a pack's units would both leave it to the other. */
const lockClass = 0x7061636b

/** Deletes those of the packs that no unit uses any more. Nobody adds units to a pack later. */
export async function dropEmptyPacks(transaction: Transaction<Schema>, packs: readonly number[]): Promise<void> {
  if (packs.length === 0) return
  await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockClass)}, 1)`.execute(transaction)
  await sql`
    DELETE FROM unit_pack WHERE id = ANY (${packs}::bigint[])
      AND NOT EXISTS (SELECT FROM unit WHERE unit.pack = unit_pack.id)`.execute(transaction)
}
