import type { Transaction } from 'kysely'
import { DeckleError } from '../../core/errors.ts'
import type { Fence, NewTask } from '../../core/task.ts'
import type { Schema } from '../schema.ts'
import { lockQueuesOf } from './task-queues.ts'

/**
 * Locks a running task for its end: first its queues and those of the tasks that it spawns, then its row. Undefined when the
 * claim is no longer the task's.
 */
export async function lockClaimed(transaction: Transaction<Schema>, fence: Fence, spawn: readonly NewTask[] = []) {
  await lockQueuesOf(
    transaction,
    fence,
    spawn.flatMap((child) => child.resources),
  )
  return await transaction
    .selectFrom('task')
    .select(['id', 'task_id', 'resources', 'cancel_requested', 'deaths', 'worker_session'])
    .where('id', '=', fence.taskKey)
    .where('attempt', '=', fence.attempt)
    .where('state', '=', 'running')
    .forUpdate()
    .executeTakeFirst()
}

export function claimLost(): DeckleError {
  return new DeckleError('cancelled', 'the task was taken over or ended; this worker may not write for it any more')
}
