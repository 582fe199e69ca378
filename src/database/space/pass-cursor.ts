import { sql, type Transaction } from 'kysely'
import type { Json } from '../../core/json.ts'
import { jsonb, type Schema } from '../schema.ts'

/** Where a pass over a whole table stands, kept for its next step. Locked until the transaction ends: one step at a time. */
export async function readCursor(transaction: Transaction<Schema>, name: string, start: Json): Promise<Json> {
  await sql`INSERT INTO server_state (name, value) VALUES (${name}, ${jsonb(start)}) ON CONFLICT DO NOTHING`.execute(
    transaction,
  )
  const row = await transaction
    .selectFrom('server_state')
    .select('value')
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return row.value
}

export async function moveCursor(transaction: Transaction<Schema>, name: string, position: Json): Promise<void> {
  await transaction
    .updateTable('server_state')
    .set({ value: jsonb(position) })
    .where('name', '=', name)
    .execute()
}
