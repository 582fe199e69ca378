import type { Transaction } from 'kysely'
import { DeckleError } from '../../core/errors.ts'
import type { Fence, NewTask } from '../../core/task.ts'
import type { Schema } from '../schema.ts'
import { lockQueues } from './task-queues.ts'

/**
 * Locks a running task for its end: first its queues and those of the tasks that it spawns, then its row. Undefined when the
 * claim is no longer the task's.
 */
export async function lockClaimed(transaction: Transaction<Schema>, fence: Fence, spawn: readonly NewTask[] = []) {
  const task = await claimed(transaction, fence).select('resources').executeTakeFirst()
  if (task === undefined) return undefined
  await lockQueues(transaction, [...task.resources, ...spawn.flatMap((child) => child.resources)])
  return await claimed(transaction, fence)
    .select(['id', 'task_id', 'resources', 'cancel_requested', 'deaths', 'worker_session'])
    .forUpdate()
    .executeTakeFirst()
}

export function claimLost(): DeckleError {
  return new DeckleError('cancelled', 'the task was taken over or ended; this worker may not write for it any more')
}

function claimed(transaction: Transaction<Schema>, fence: Fence) {
  return transaction
    .selectFrom('task')
    .where('id', '=', fence.taskKey)
    .where('attempt', '=', fence.attempt)
    .where('state', '=', 'running')
}
