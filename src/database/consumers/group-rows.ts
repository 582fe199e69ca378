import { type Kysely, type Selectable, sql } from 'kysely'
import type { ConsumerGroup } from '../../core/consumer.ts'
import type { Schema } from '../schema.ts'

/** Ids of its consumers, as an array. */
export const consumersOfGroup = sql<string[]>`ARRAY(SELECT consumer.name FROM consumer_group_member
  JOIN consumer ON consumer.id = consumer_group_member.consumer
  WHERE consumer_group_member.consumer_group = consumer_group.id ORDER BY consumer.name)`

export function selectConsumerGroups(database: Kysely<Schema>) {
  return database.selectFrom('consumer_group').selectAll('consumer_group').select(consumersOfGroup.as('consumers'))
}

export function toConsumerGroup(
  row: Selectable<Schema['consumer_group']> & { readonly consumers: readonly string[] },
): ConsumerGroup {
  return {
    key: row.id,
    id: row.name,
    displayName: row.display_name,
    description: row.description,
    notes: row.notes,
    consumerIds: row.consumers,
    created: row.created,
  }
}
