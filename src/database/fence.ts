import type { Transaction } from 'kysely'
import { DeckleError } from '../core/errors.ts'
import type { Fence } from '../core/task.ts'
import type { Schema } from './schema.ts'

/**
 * The first statement of every transaction of a running operation. Holds the task row, so that a take-over waits for this
 * transaction or this transaction fails (design-notes §2, fencing).
 */
export async function assertFence(transaction: Transaction<Schema>, fence: Fence): Promise<void> {
  const row = await transaction
    .selectFrom('task')
    .select('id')
    .where('id', '=', fence.taskKey)
    .where('attempt', '=', fence.attempt)
    .where('state', '=', 'running')
    .forShare()
    .executeTakeFirst()
  if (row === undefined) {
    throw new DeckleError('cancelled', 'the task was taken over or ended; this worker may not write for it any more')
  }
}
