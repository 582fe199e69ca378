import { sql } from 'kysely'
import type { Binding, ConsumerKindTags, Profile } from '../../core/consumer.ts'
import type { Criteria } from '../../core/criteria.ts'
import type { Database } from '../connection.ts'
import { bindingActions, selectBindings, toBinding } from '../consumers/binding-rows.ts'
import { selectProfiles, toProfile } from '../consumers/postgres-profile-store.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { booleanField, type FieldMap, jsonField, nameField, objectIdField } from './searchable.ts'

/** Bindings of all consumers (pulp2-api §15). */
export async function searchBindings(
  database: Database,
  kindTags: ConsumerKindTags,
  criteria: Criteria,
): Promise<readonly Binding[]> {
  const id = objectIdField(sql.ref('binding.created'), sql.ref('binding.id'), kindTags.binding)
  const fields: FieldMap = {
    _id: id,
    id,
    consumer_id: nameField(sql.ref('consumer.name')),
    repo_id: nameField(sql.ref('binding.repository')),
    distributor_id: nameField(sql.ref('binding.distributor')),
    notify_agent: booleanField(sql.ref('binding.notify_agent')),
    binding_config: jsonField(sql.ref('binding.config')),
    consumer_actions: jsonField(bindingActions),
    deleted: booleanField(sql.ref('binding.deleted')),
  }
  return runSearch(database, criteria, async (transaction) => {
    let query = selectBindings(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`binding.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toBinding)
  })
}

/** Profiles of all consumers. */
export async function searchProfiles(
  database: Database,
  kindTags: ConsumerKindTags,
  criteria: Criteria,
): Promise<readonly Profile[]> {
  const id = objectIdField(
    sql.ref('consumer_profile.created'),
    sql.ref('consumer_profile.id'),
    kindTags.consumerProfile,
  )
  const fields: FieldMap = {
    _id: id,
    id,
    consumer_id: nameField(sql.ref('consumer.name')),
    content_type: nameField(sql.ref('consumer_profile.content_type')),
    profile: jsonField(sql.ref('consumer_profile.profile')),
    profile_hash: nameField(sql`encode(consumer_profile.hash, 'hex')`),
  }
  return runSearch(database, criteria, async (transaction) => {
    let query = selectProfiles(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`consumer_profile.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toProfile)
  })
}
