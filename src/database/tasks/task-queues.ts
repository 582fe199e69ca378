import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Fence } from '../../core/task.ts'
import type { Schema } from '../schema.ts'

/** Keeps these locks apart from other users of PostgreSQL's 64-bit advisory locks. */
const lockSeed = 0x6465636b

/**
 * The queues of resources. A task stands in the queues of all its resources from enqueue to end, in order of row id, and is
 * *ready* when it waits at the head of all of them (design-notes §2). Who enters or leaves a queue holds its lock, taken before
 * any lock on a task row; all locks of a transaction are taken by one call, so that no two transactions wait for each other.
 */
export async function lockQueues(transaction: Transaction<Schema>, resources: Iterable<string>): Promise<void> {
  const wanted = [...new Set(resources)]
  if (wanted.length === 0) return
  await lockSorted(transaction, sql`unnest(${wanted}::text[]) AS resource`)
}

/** The same for the queues of a claimed task, and for others besides. Locks none of the task when that claim is not its any more. */
export async function lockQueuesOf(
  transaction: Transaction<Schema>,
  { taskKey, attempt }: Fence,
  others: readonly string[],
): Promise<void> {
  await lockSorted(
    transaction,
    sql`(
      SELECT unnest(resources) FROM task WHERE id = ${taskKey} AND attempt = ${attempt} AND state = 'running'
      UNION ALL SELECT unnest(${others}::text[])) AS wanted (resource)`,
  )
}

/** `resources` has one column of that name in the singular. */
async function lockSorted(transaction: Transaction<Schema>, resources: RawBuilder<unknown>): Promise<void> {
  await sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended(resource, ${lockSeed}) AS key FROM ${resources}
      ORDER BY key) AS sorted`.execute(transaction)
}

/**
 * Marks tasks that have come to the head of all their queues; true when there are any. The candidates are locked first: of two
 * transactions that each free one queue of the same task, the second then sees what the first did.
 */
export async function markReady(transaction: Transaction<Schema>, resources: readonly string[]): Promise<boolean> {
  const candidates = await lockHeads(transaction, resources)
  if (candidates.length === 0) return false
  const marked = await sql<{ id: number }>`
    UPDATE task SET ready = true
    WHERE id = ANY(${candidates}::bigint[]) AND NOT EXISTS (
      SELECT FROM task_resource AS place WHERE place.task = task.id
      AND place.task > (SELECT min(ahead.task) FROM task_resource AS ahead WHERE ahead.resource = place.resource))
    RETURNING id`.execute(transaction)
  return marked.rows.length > 0
}

async function lockHeads(transaction: Transaction<Schema>, resources: readonly string[]): Promise<readonly number[]> {
  if (resources.length === 0) return []
  const heads = await sql<{ id: number }>`
    SELECT id FROM task
    WHERE id = ANY(ARRAY(
      SELECT (SELECT min(place.task) FROM task_resource AS place WHERE place.resource = touched.resource)
      FROM unnest(${[...resources]}::text[]) AS touched(resource)))
    AND state = 'waiting' AND NOT ready
    ORDER BY id FOR UPDATE`.execute(transaction)
  return heads.rows.map((row) => row.id)
}
