import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * Whoever changes the phase of host pulls holds the rows of their tasks, taken in the order of their keys and before any row of a
 * pull; rows of pulls are taken in the order of theirs. So nobody waits in a circle, and counts made after the lock hold.
 */
export async function lockRollouts(transaction: Transaction<Schema>, tasks: readonly number[]): Promise<void> {
  await sql`SELECT FROM rollout WHERE task = ANY(${[...tasks]}::bigint[]) ORDER BY task FOR UPDATE`.execute(transaction)
}

/** Locks the tasks of these pulls and returns their keys. */
export async function lockRolloutsOf(
  transaction: Transaction<Schema>,
  pulls: readonly number[],
): Promise<readonly number[]> {
  const { rows } = await sql<{ task: number }>`
    SELECT DISTINCT task FROM host_pull WHERE id = ANY(${[...pulls]}::bigint[])`.execute(transaction)
  const tasks = rows.map(({ task }) => task)
  await lockRollouts(transaction, tasks)
  return tasks
}

/** Marks those of the locked tasks that have no open pull any more; returns them. */
export async function endRollouts(
  transaction: Transaction<Schema>,
  tasks: readonly number[],
): Promise<readonly number[]> {
  if (tasks.length === 0) return []
  const { rows } = await sql<{ task: number }>`
    UPDATE rollout SET ended = true WHERE task = ANY(${[...tasks]}::bigint[]) AND NOT ended
      AND NOT EXISTS (SELECT FROM host_pull WHERE task = rollout.task AND phase = 'waiting')
      AND NOT EXISTS (SELECT FROM host_pull WHERE task = rollout.task AND phase = 'pulling')
    RETURNING task`.execute(transaction)
  return rows.map(({ task }) => task)
}
