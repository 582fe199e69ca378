import { type RawBuilder, sql, type Transaction } from 'kysely'
import type {
  ConsumerEventType,
  ConsumerGroup,
  ConsumerGroupChange,
  ConsumerGroupStore,
  NewConsumerGroup,
} from '../../core/consumer.ts'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { jsonb, type Schema } from '../schema.ts'
import { selectConsumerGroups, toConsumerGroup } from './group-rows.ts'
import { recordEvents } from './record-events.ts'

/** Groups of consumers in PostgreSQL. */
export class PostgresConsumerGroups implements ConsumerGroupStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(group: NewConsumerGroup, originator: string): Promise<ConsumerGroup> {
    return this.#database.transaction().execute(async (transaction) => {
      const key = await insertGroup(transaction, group)
      const members = sql<boolean>`name = ANY(${[...group.consumerIds]}::text[])`
      await addMembers(transaction, { key, id: group.id }, members, originator)
      return toConsumerGroup(await selectConsumerGroups(transaction).where('id', '=', key).executeTakeFirstOrThrow())
    })
  }

  async get(id: string): Promise<ConsumerGroup> {
    const row = await selectConsumerGroups(this.#database).where('name', '=', id).executeTakeFirst()
    if (row === undefined) throw notFound({ consumer_group: id })
    return toConsumerGroup(row)
  }

  async list(): Promise<readonly ConsumerGroup[]> {
    return (await selectConsumerGroups(this.#database).orderBy('name').execute()).map(toConsumerGroup)
  }

  async update(id: string, change: ConsumerGroupChange): Promise<ConsumerGroup> {
    const columns = {
      ...(change.displayName !== undefined && { display_name: change.displayName }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.notes !== undefined && { notes: jsonb(change.notes) }),
    }
    if (Object.keys(columns).length > 0) {
      await this.#database.updateTable('consumer_group').set(columns).where('name', '=', id).execute()
    }
    return this.get(id)
  }

  async delete(id: string, originator: string): Promise<void> {
    await this.#change(id, async (transaction, group) => {
      await removeMembers(transaction, group, sql`true`, originator)
      await transaction.deleteFrom('consumer_group').where('id', '=', group.key).execute()
    })
  }

  async associate(id: string, consumers: readonly number[], originator: string): Promise<ConsumerGroup> {
    const members = sql<boolean>`id = ANY(${[...consumers]}::integer[])`
    await this.#change(id, (transaction, group) => addMembers(transaction, group, members, originator))
    return this.get(id)
  }

  async unassociate(id: string, consumers: readonly number[], originator: string): Promise<ConsumerGroup> {
    const members = sql<boolean>`consumer_group_member.consumer = ANY(${[...consumers]}::integer[])`
    await this.#change(id, (transaction, group) => removeMembers(transaction, group, members, originator))
    return this.get(id)
  }

  /** Two changes of one group wait for each other, so that each member comes and goes once. */
  async #change(id: string, change: (transaction: Transaction<Schema>, group: GroupRef) => Promise<void>) {
    await this.#database.transaction().execute(async (transaction) => {
      const wanted = transaction.selectFrom('consumer_group').select('id').where('name', '=', id)
      const row = await wanted.forUpdate().executeTakeFirst()
      if (row === undefined) throw notFound({ consumer_group: id })
      await change(transaction, { key: row.id, id })
    })
  }
}

interface GroupRef {
  readonly key: number
  readonly id: string
}

async function insertGroup(transaction: Transaction<Schema>, group: NewConsumerGroup): Promise<number> {
  const row = await transaction
    .insertInto('consumer_group')
    .values({
      name: group.id,
      display_name: group.displayName,
      description: group.description,
      notes: jsonb(group.notes),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row !== undefined) return row.id
  const resources = { consumer_group: group.id }
  throw new DeckleError('conflict', `A consumer group with the id ${group.id} already exists`, { resources })
}

async function addMembers(
  transaction: Transaction<Schema>,
  { key, id }: GroupRef,
  members: RawBuilder<boolean>,
  originator: string,
): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    WITH wanted AS (SELECT id, name FROM consumer WHERE ${members} ORDER BY id FOR KEY SHARE),
    added AS (INSERT INTO consumer_group_member (consumer_group, consumer) SELECT ${key}, id FROM wanted
      ON CONFLICT DO NOTHING RETURNING consumer)
    SELECT name FROM wanted JOIN added ON added.consumer = wanted.id ORDER BY id`.execute(transaction)
  await record(transaction, 'added_to_group', rows, id, originator)
}

async function removeMembers(
  transaction: Transaction<Schema>,
  { key, id }: GroupRef,
  members: RawBuilder<unknown>,
  originator: string,
): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    DELETE FROM consumer_group_member USING consumer
    WHERE consumer_group_member.consumer_group = ${key} AND consumer.id = consumer_group_member.consumer
      AND ${members} RETURNING consumer.name`.execute(transaction)
  await record(transaction, 'removed_from_group', rows, id, originator)
}

function record(
  transaction: Transaction<Schema>,
  type: ConsumerEventType,
  members: readonly { readonly name: string }[],
  groupId: string,
  originator: string,
): Promise<void> {
  const details = { group_id: groupId }
  return recordEvents(
    transaction,
    members.map(({ name }) => ({ consumerId: name, type, originator, details })),
  )
}
