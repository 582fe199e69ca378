import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Event, EventType } from '../../core/event.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
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
    FROM event_listener WHERE ${hears(type)}
    RETURNING id`.execute(transaction)
  if (rows.length > 0) await sql`SELECT pg_notify(${eventChannel}, '')`.execute(transaction)
}

/** Whether anybody listens to events of a type. */
export async function isHeard(database: Database, type: EventType): Promise<boolean> {
  const { rows } = await sql`SELECT FROM event_listener WHERE ${hears(type)} LIMIT 1`.execute(database)
  return rows.length > 0
}

/** Over a row of event_listener. */
function hears(type: EventType): RawBuilder<boolean> {
  return sql<boolean>`event_types && ${[type, '*']}::text[]`
}
