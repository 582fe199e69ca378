import type { Kysely, Transaction } from 'kysely'
import { DeckleError } from '../core/errors.ts'
import type { Fence } from '../core/task.ts'
import type { Schema } from './schema.ts'

/** Runs `work` in a transaction of the task; without a fence for somebody who is no task. */
export function fenced<Result>(
  database: Kysely<Schema>,
  fence: Fence | undefined,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return database.transaction().execute(async (transaction) => {
    if (fence !== undefined) await assertFence(transaction, fence)
    return work(transaction)
  })
}

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
