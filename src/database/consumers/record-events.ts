import type { Transaction } from 'kysely'
import type { ConsumerEventType } from '../../core/consumer.ts'
import type { Json } from '../../core/json.ts'
import { jsonb, type Schema } from '../schema.ts'

export interface NewConsumerEvent {
  readonly consumerId: string
  readonly type: ConsumerEventType
  readonly originator: string
  readonly details: Json
}

/** Rows of one INSERT. */
const batch = 1_000

/** Puts events into the history of consumers, in the transaction that makes them true. */
export async function recordEvents(
  transaction: Transaction<Schema>,
  events: readonly NewConsumerEvent[],
): Promise<void> {
  for (let start = 0; start < events.length; start += batch) {
    const rows = events.slice(start, start + batch).map(({ consumerId, type, originator, details }) => ({
      consumer: consumerId,
      type,
      originator,
      details: details === null ? null : jsonb(details),
    }))
    await transaction.insertInto('consumer_event').values(rows).execute()
  }
}
