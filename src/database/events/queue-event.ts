import { sql, type Transaction } from 'kysely'
import type { Event } from '../../core/event.ts'
import type { Fence } from '../../core/task.ts'
import { jsonb, type Schema } from '../schema.ts'

/** The channel on which deliverers hear that there is something to deliver. */
export const eventChannel = 'deckle_event'

/** Puts an event on its way to everybody who listens, when the transaction commits. */
export async function queueEvent(
  transaction: Transaction<Schema>,
  { type, payload }: Event,
  fence: Fence,
): Promise<void> {
  const { rows } = await sql`
    INSERT INTO event_delivery (listener, type, payload, task_id)
    SELECT id, ${type}, ${jsonb(payload)}::jsonb, (SELECT task_id FROM task WHERE id = ${fence.taskKey})
    FROM event_listener WHERE event_types && ${[type, '*']}::text[]
    RETURNING id`.execute(transaction)
  if (rows.length > 0) await sql`SELECT pg_notify(${eventChannel}, '')`.execute(transaction)
}
