import { sql, type Transaction } from 'kysely'
import type { PullAttempt, PullOrder } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { lockRollouts, lockRolloutsOf } from './lock-rollouts.ts'

/** Takes waiting pulls of hosts that are connected to the process, task by task, `limit` in all. */
export async function claimPulls(database: Database, process: string, limit: number): Promise<readonly PullOrder[]> {
  const orders: PullOrder[] = []
  for (const task of await tasksWithSpare(database, process)) {
    if (orders.length >= limit) break
    orders.push(...(await claimOf(database, task, process, limit - orders.length)))
  }
  return orders
}

/**
 * Who has the host of a pull. Looked up pull by pull whatever the planner believes: right after a task begins it takes the rows for
 * a few, and would compare all pulls with all hosts.
 */
const holder = sql`(SELECT process FROM host_session WHERE host = host_pull.host AND host_session.ended IS NULL)`

/** A look without locks, so that tasks that have nothing to give cost nothing more. */
async function tasksWithSpare(database: Database, process: string): Promise<readonly number[]> {
  const { rows } = await sql<{ task: number }>`
    SELECT task FROM rollout CROSS JOIN LATERAL (
      SELECT FROM host_pull WHERE host_pull.task = rollout.task AND phase = 'waiting' AND ${holder} = ${process}
      LIMIT 1) AS waiting
    WHERE NOT rollout.ended AND (parallelism IS NULL OR parallelism > (
      SELECT count(*) FROM host_pull WHERE task = rollout.task AND phase = 'pulling'))
    ORDER BY task`.execute(database)
  return rows.map(({ task }) => task)
}

async function claimOf(
  database: Database,
  task: number,
  process: string,
  limit: number,
): Promise<readonly PullOrder[]> {
  return await database.transaction().execute(async (transaction) => {
    await lockRollouts(transaction, [task])
    // A statement of its own: it sees what others did while this one waited for the lock. Hosts cannot connect elsewhere meanwhile.
    const { rows } = await sql<PullOrder>`
      WITH chosen AS MATERIALIZED (
        SELECT id, host FROM host_pull WHERE task = ${task} AND phase = 'waiting' AND ${holder} = ${process}
        ORDER BY id LIMIT least(${limit}::bigint, ${spareOf(task)}) FOR UPDATE),
      held AS MATERIALIZED (
        SELECT host FROM host_session WHERE host = ANY(ARRAY(SELECT host FROM chosen))
          AND process = ${process} AND ended IS NULL FOR SHARE)
      UPDATE host_pull SET phase = 'pulling', attempt = attempt + 1, reported = clock_timestamp(),
        started = coalesce(started, clock_timestamp())
      FROM rollout WHERE host_pull.id = ANY(ARRAY(SELECT id FROM chosen JOIN held USING (host)))
        AND rollout.task = host_pull.task
      RETURNING host_pull.id AS pull, host_pull.host, host_pull.attempt, rollout.task, rollout.project, rollout.image,
        rollout.mode, rollout.pull_policy AS "pullPolicy", rollout.parallelism, rollout.retries,
        greatest(1, ceil(rollout.timeout_seconds - extract(epoch FROM clock_timestamp() - host_pull.started)))::integer
          AS "timeoutSeconds",
        rollout.timeout_seconds IS NULL AS unlimited`.execute(transaction)
    return rows.map(toOrder).sort((one, other) => one.pull - other.pull)
  })
}

/** How many more may pull; null, and so no limit, where the task has none. */
function spareOf(task: number) {
  return sql`(
    SELECT parallelism - (SELECT count(*) FROM host_pull WHERE task = ${task} AND phase = 'pulling')
    FROM rollout WHERE task = ${task})`
}

/** `greatest` passes over null. */
function toOrder({ unlimited, ...order }: PullOrder & { readonly unlimited?: boolean }): PullOrder {
  return unlimited === true ? { ...order, timeoutSeconds: null } : order
}

/** Back to waiting, as if they had not been claimed. */
export async function releasePulls(transaction: Transaction<Schema>, pulls: readonly PullAttempt[]): Promise<void> {
  const keys = pulls.map(({ pull }) => pull)
  await lockRolloutsOf(transaction, keys)
  await sql`
    WITH given AS MATERIALIZED (
      SELECT host_pull.id FROM host_pull
      JOIN unnest(${keys}::bigint[], ${pulls.map(({ attempt }) => attempt)}::integer[]) AS told(id, attempt)
        USING (id, attempt)
      WHERE phase = 'pulling' ORDER BY id FOR UPDATE OF host_pull)
    UPDATE host_pull SET phase = 'waiting', attempt = attempt - 1, queued = clock_timestamp()
    FROM given WHERE host_pull.id = given.id`.execute(transaction)
}
