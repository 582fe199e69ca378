import { sql, type Transaction } from 'kysely'
import type { TaskState } from '../../core/task.ts'
import type { Schema } from '../schema.ts'

/**
 * Counts the end of a schedule's task, in the transaction that ends it (pulp2-api §8.2): failures in a row disable the schedule at
 * its threshold, a success takes them back. A cancelled task says nothing.
 */
export async function countOutcome(
  transaction: Transaction<Schema>,
  schedule: number,
  state: TaskState,
): Promise<void> {
  if (state === 'canceled') return
  await transaction
    .updateTable('schedule')
    .set(
      state === 'finished'
        ? { consecutive_failures: 0 }
        : {
            consecutive_failures: sql<number>`consecutive_failures + 1`,
            enabled: sql<boolean>`enabled AND (failure_threshold IS NULL OR consecutive_failures + 1 < failure_threshold)`,
          },
    )
    .where('id', '=', schedule)
    .execute()
}
