import { sql, type Transaction } from 'kysely'
import type {
  Binding,
  BindingChange,
  BindingFollowers,
  BindingName,
  BindingStore,
  ConsumerEventType,
  NewBinding,
  UnbindWish,
} from '../../core/consumer.ts'
import { systemOriginator } from '../../core/consumer.ts'
import { notFound } from '../../core/errors.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { Fence, NewTask, Task } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import type { Schema } from '../schema.ts'
import { enqueueIn } from '../tasks/enqueue.ts'
import { selectBindings, toBinding } from './binding-rows.ts'
import { lockDistributor, removeBindings, saveBindings, untold } from './binding-writes.ts'
import { recordEvents } from './record-events.ts'

/** Bindings in PostgreSQL. */
export class PostgresBindingStore implements BindingStore, BindingFollowers {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async of(consumerIds: readonly string[], repositoryId?: string): Promise<readonly Binding[]> {
    const query = selectBindings(this.#database)
      .where(sql<boolean>`consumer.name = ANY(${[...consumerIds]}::text[])`)
      .where('binding.deleted', '=', false)
      .orderBy('binding.id')
    const wanted = repositoryId === undefined ? query : query.where('binding.repository', '=', repositoryId)
    return (await wanted.execute()).map(toBinding)
  }

  async get(name: BindingName): Promise<Binding> {
    const row = await selectBindings(this.#database)
      .where('consumer.name', '=', name.consumerId)
      .where('binding.repository', '=', name.repositoryId)
      .where('binding.distributor', '=', name.distributorId)
      .executeTakeFirst()
    if (row === undefined) throw missingBinding(name)
    return toBinding(row)
  }

  bind(
    consumerIds: readonly string[],
    binding: NewBinding,
    originator: string,
    toTask: (name: BindingName, distributor: RepositoryDistributor) => NewTask,
  ): Promise<readonly BindingChange[]> {
    return this.#database.transaction().execute(async (transaction) => {
      const distributor = await lockDistributor(transaction, binding)
      const bound = await read(transaction, await saveBindings(transaction, consumerIds, binding))
      await record(transaction, 'repo_bound', bound, originator)
      return tell(transaction, bound, (name) => toTask(name, distributor))
    })
  }

  unbind(
    consumerIds: readonly string[],
    distributor: Omit<BindingName, 'consumerId'>,
    { force, originator }: UnbindWish,
    toTask: (name: BindingName) => NewTask,
  ): Promise<readonly BindingChange[]> {
    return this.#database.transaction().execute(async (transaction) => {
      const keys = await lockBindings(transaction, distributor, consumerIds)
      const bound = await read(transaction, keys)
      await removeBindings(transaction, keys, force)
      await record(transaction, 'repo_unbound', bound, originator)
      const left = bound.map((binding) => ({ ...binding, deleted: binding.notifyAgent && !force }))
      return tell(transaction, left, toTask)
    })
  }

  async told(repositoryId: string, distributorId: string): Promise<readonly Binding[]> {
    const rows = await selectBindings(this.#database)
      .where('binding.repository', '=', repositoryId)
      .where('binding.distributor', '=', distributorId)
      .where('binding.notify_agent', '=', true)
      .where('binding.deleted', '=', false)
      .orderBy('binding.id')
      .execute()
    return rows.map(toBinding)
  }

  end(repositoryId: string, distributorId: string | undefined, fence?: Fence): Promise<readonly Binding[]> {
    return fenced(this.#database, fence, async (transaction) => {
      const keys = await lockBindings(transaction, { repositoryId, distributorId })
      const all = await read(transaction, keys)
      const bound = all.filter((binding) => !binding.deleted)
      await removeBindings(transaction, keys, false)
      await record(transaction, 'repo_unbound', bound, systemOriginator)
      return all.filter(untold).map((binding) => ({ ...binding, deleted: true }))
    })
  }
}

function missingBinding({ consumerId, repositoryId, distributorId }: BindingName) {
  return notFound({ bind_id: `${consumerId}.${repositoryId}.${distributorId}` })
}

async function read(transaction: Transaction<Schema>, keys: readonly number[]): Promise<readonly Binding[]> {
  const rows = await selectBindings(transaction)
    .where(sql<boolean>`binding.id = ANY(${[...keys]}::bigint[])`)
    .orderBy('binding.id')
    .execute()
  return rows.map(toBinding)
}

/** Those of a distributor, or of a repository, in an order that all share; of some consumers, or of all. */
async function lockBindings(
  transaction: Transaction<Schema>,
  wanted: { readonly repositoryId: string; readonly distributorId: string | undefined },
  consumerIds?: readonly string[],
): Promise<readonly number[]> {
  let query = transaction
    .selectFrom('binding')
    .innerJoin('consumer', 'consumer.id', 'binding.consumer')
    .select('binding.id')
    .where('binding.repository', '=', wanted.repositoryId)
    .orderBy('binding.id')
  if (wanted.distributorId !== undefined) query = query.where('binding.distributor', '=', wanted.distributorId)
  if (consumerIds !== undefined) {
    query = query.where(sql<boolean>`consumer.name = ANY(${[...consumerIds]}::text[])`)
  }
  return (await query.forUpdate('binding').execute()).map(({ id }) => id)
}

function record(
  transaction: Transaction<Schema>,
  type: ConsumerEventType,
  bindings: readonly Binding[],
  originator: string,
): Promise<void> {
  const events = bindings.map(({ consumerId, repositoryId, distributorId }) => ({
    consumerId,
    type,
    originator,
    details: { repo_id: repositoryId, distributor_id: distributorId },
  }))
  return recordEvents(transaction, events)
}

/** Queues a task for each of the agents that are told. */
async function tell(
  transaction: Transaction<Schema>,
  bindings: readonly Binding[],
  toTask: (name: BindingName) => NewTask,
): Promise<readonly BindingChange[]> {
  const told = bindings.filter(({ notifyAgent }) => notifyAgent)
  const queued = told.length === 0 ? [] : await enqueueIn(transaction, told.map(toTask))
  const tasks = new Map<number, Task>()
  for (const [index, { key }] of told.entries()) {
    const task = queued[index]
    if (task !== undefined) tasks.set(key, task)
  }
  return bindings.map((binding) => ({ binding, tasks: [tasks.get(binding.key) ?? []].flat() }))
}
