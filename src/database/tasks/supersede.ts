import type { Transaction } from 'kysely'
import type { NewTask, Task } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { cancelWaiting } from './cancel-waiting.ts'
import { enqueueIn } from './enqueue.ts'
import { lockQueues } from './task-queues.ts'

/**
 * Queues a task and cancels, in the same transaction, what waits for one of its resources: it would find nothing to work on.
 * Tasks of the same operation stay.
 */
export async function supersede(database: Database, task: NewTask): Promise<Task> {
  for (;;) {
    const queued = await database.transaction().execute((transaction) => trySupersede(transaction, task))
    if (queued !== undefined) return queued
  }
}

/** Undefined when a task came in between that stands in a queue which is not locked; locks cannot be added without a deadlock. */
async function trySupersede(transaction: Transaction<Schema>, task: NewTask): Promise<Task | undefined> {
  const locked = new Set([...task.resources, ...(await standing(transaction, task)).flatMap((one) => one.resources)])
  await lockQueues(transaction, locked)
  const waiting = await standing(transaction, task)
  if (waiting.some(({ resources }) => resources.some((resource) => !locked.has(resource)))) return undefined
  await cancelWaiting(
    transaction,
    waiting.map(({ id }) => id),
  )
  // Makes the next ones in the queues of the cancelled tasks ready, too.
  const [queued] = await enqueueIn(transaction, [task], null, [...locked])
  return queued
}

function standing(transaction: Transaction<Schema>, task: NewTask) {
  const inQueues = transaction
    .selectFrom('task_resource')
    .select('task_resource.task')
    .where('resource', 'in', [...task.resources, ''])
  return transaction
    .selectFrom('task')
    .select(['id', 'resources'])
    .where('id', 'in', inQueues)
    .where('state', '=', 'waiting')
    .where('operation', '<>', task.operation)
    .execute()
}
