import { sql } from 'kysely'
import type { Consumer, ConsumerGroup, ConsumerKindTags } from '../../core/consumer.ts'
import type { Criteria } from '../../core/criteria.ts'
import type { Database } from '../connection.ts'
import { toConsumer } from '../consumers/consumer-rows.ts'
import { consumersOfGroup, selectConsumerGroups, toConsumerGroup } from '../consumers/group-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { type FieldMap, jsonField, nameField, objectIdField, textField } from './searchable.ts'

export async function searchConsumers(
  database: Database,
  kindTags: ConsumerKindTags,
  criteria: Criteria,
): Promise<readonly Consumer[]> {
  const fields: FieldMap = {
    _id: objectIdField(sql.ref('consumer.created'), sql.ref('consumer.id'), kindTags.consumer),
    id: nameField(sql.ref('consumer.name')),
    display_name: textField(sql.ref('consumer.display_name')),
    description: textField(sql.ref('consumer.description')),
    notes: jsonField(sql.ref('consumer.notes')),
    capabilities: jsonField(sql.ref('consumer.capabilities')),
    rsa_pub: textField(sql.ref('consumer.public_key')),
  }
  return runSearch(database, criteria, async (transaction) => {
    let query = transaction
      .selectFrom('consumer')
      .selectAll()
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`consumer.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toConsumer)
  })
}

export async function searchConsumerGroups(
  database: Database,
  kindTags: ConsumerKindTags,
  criteria: Criteria,
): Promise<readonly ConsumerGroup[]> {
  const fields: FieldMap = {
    _id: objectIdField(sql.ref('consumer_group.created'), sql.ref('consumer_group.id'), kindTags.consumerGroup),
    id: nameField(sql.ref('consumer_group.name')),
    display_name: textField(sql.ref('consumer_group.display_name')),
    description: textField(sql.ref('consumer_group.description')),
    notes: jsonField(sql.ref('consumer_group.notes')),
    consumer_ids: jsonField(sql`to_jsonb(${consumersOfGroup})`),
  }
  return runSearch(database, criteria, async (transaction) => {
    let query = selectConsumerGroups(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`consumer_group.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toConsumerGroup)
  })
}
