import { sql, type Transaction } from 'kysely'
import type { Consumer, ConsumerChange, ConsumerStore, NewConsumer } from '../../core/consumer.ts'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { jsonb, type Schema } from '../schema.ts'
import { announceToAgents } from '../tasks/agent-notices.ts'
import { completeTask } from '../tasks/complete-task.ts'
import { toConsumer } from './consumer-rows.ts'
import { recordEvents } from './record-events.ts'

/** Consumers in PostgreSQL. */
export class PostgresConsumerStore implements ConsumerStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(consumer: NewConsumer, originator: string): Promise<Consumer> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .insertInto('consumer')
        .values({
          name: consumer.id,
          display_name: consumer.displayName,
          description: consumer.description,
          notes: jsonb(consumer.notes),
          public_key: consumer.publicKey,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) throw consumerExists(consumer.id)
      const event = { consumerId: consumer.id, type: 'consumer_registered', originator, details: null } as const
      await recordEvents(transaction, [event])
      return toConsumer(row)
    })
  }

  async get(id: string): Promise<Consumer> {
    const consumer = await this.find(id)
    if (consumer === undefined) throw notFound({ consumer: id })
    return consumer
  }

  async find(id: string): Promise<Consumer | undefined> {
    const row = await this.#database.selectFrom('consumer').selectAll().where('name', '=', id).executeTakeFirst()
    return row && toConsumer(row)
  }

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ name: string }>`
      SELECT name FROM consumer WHERE name = ANY(${[...ids]}::text[])`.execute(this.#database)
    return new Set(rows.map(({ name }) => name))
  }

  async list(): Promise<readonly Consumer[]> {
    return (await this.#database.selectFrom('consumer').selectAll().orderBy('name').execute()).map(toConsumer)
  }

  async update(id: string, change: ConsumerChange): Promise<Consumer> {
    const columns = {
      ...(change.displayName !== undefined && { display_name: change.displayName }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.notes !== undefined && { notes: jsonb(change.notes) }),
      ...(change.publicKey !== undefined && { public_key: change.publicKey }),
    }
    if (Object.keys(columns).length > 0) {
      await this.#database.updateTable('consumer').set(columns).where('name', '=', id).execute()
    }
    return this.get(id)
  }

  async delete(id: string, originator: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('consumer')
        .select('id')
        .where('name', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (row === undefined) throw notFound({ consumer: id })
      await cancelAgentTasks(transaction, id)
      await transaction.deleteFrom('consumer').where('id', '=', row.id).execute()
      const event = { consumerId: id, type: 'consumer_unregistered', originator, details: null } as const
      await recordEvents(transaction, [event])
    })
  }
}

function consumerExists(id: string): DeckleError {
  return new DeckleError('conflict', `A consumer with the id ${id} already exists`, { resources: { consumer: id } })
}

/** Nobody is left to end them. The agent hears of it though it had none. */
async function cancelAgentTasks(transaction: Transaction<Schema>, consumerId: string): Promise<void> {
  const tasks = await transaction
    .selectFrom('task')
    .select(['id', 'task_id', 'resources'])
    .where('agent', '=', consumerId)
    .where('finished', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const task of tasks) await completeTask(transaction, task, { state: 'canceled' })
  await announceToAgents(transaction, [consumerId])
}
