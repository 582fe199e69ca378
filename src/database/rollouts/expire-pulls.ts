import { sql, type Transaction } from 'kysely'
import type { HostOfPull } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { livingHubs } from './host-sessions.ts'
import { endRollouts, lockRolloutsOf } from './lock-rollouts.ts'
import { notifyDrop, notifyWake } from './rollout-notices.ts'

interface Overdue {
  readonly id: number
  readonly error: string
}

/** A host tells itself when its time is over; it gets this time to do so, seconds. */
const timeoutGrace = 5

/** Fails pulls that nothing is to be expected of. Returns the tasks that ended by that. */
export async function expirePulls(database: Database, stallSeconds: number): Promise<readonly number[]> {
  const overdue = await findOverdue(database, stallSeconds)
  if (overdue.length === 0) return []
  return await database.transaction().execute(async (transaction) => {
    const tasks = await lockRolloutsOf(
      transaction,
      overdue.map(({ id }) => id),
    )
    const failed = await fail(transaction, await findOverdue(transaction, stallSeconds))
    await notifyDrop(transaction, failed)
    await notifyWake(transaction)
    return await endRollouts(transaction, tasks)
  })
}

/**
 * A host is away since its connection ended or the process that had it was last heard of; but nobody could connect before the
 * oldest living process began.
 */
async function findOverdue(database: Database, stallSeconds: number): Promise<readonly Overdue[]> {
  const { rows } = await sql<Overdue>`
    WITH hub AS MATERIALIZED ${livingHubs}, began AS (SELECT min(started) AS at FROM hub),
    open AS (
      SELECT id, host, task, phase, queued, started, reported FROM host_pull WHERE phase = 'waiting'
      UNION ALL
      SELECT id, host, task, phase, queued, started, reported FROM host_pull WHERE phase = 'pulling'),
    seen AS (
      SELECT open.*, image, timeout_seconds, hub.process IS NOT NULL AS connected,
        greatest(began.at, CASE WHEN session.ended IS NOT NULL THEN session.ended
          ELSE coalesce((SELECT heartbeat FROM host_hub WHERE host_hub.process = session.process), session.since) END)
          AS away
      FROM open JOIN rollout USING (task) CROSS JOIN began
      LEFT JOIN host_session AS session ON session.host = open.host
      LEFT JOIN hub ON hub.process = session.process AND session.ended IS NULL
      WHERE NOT rollout.ended AND began.at IS NOT NULL),
    judged AS (
      SELECT id, CASE
        WHEN started + make_interval(secs => timeout_seconds + ${timeoutGrace}) < clock_timestamp()
          THEN 'Image [' || image || '] failed to pull: not done within ' || timeout_seconds || ' seconds'
        WHEN phase = 'waiting' AND NOT connected AND greatest(queued, away) < ${stalledBefore(stallSeconds)}
          THEN 'The agent of the host is not connected'
        WHEN phase = 'pulling' AND greatest(reported, CASE WHEN NOT connected THEN away END, began_at)
            < ${stalledBefore(stallSeconds)}
          THEN 'Image [' || image || '] failed to pull: the host has not been heard of for '
            || ${stallSeconds}::integer || ' seconds'
        END AS error
      FROM (SELECT seen.*, began.at AS began_at FROM seen CROSS JOIN began) AS seen)
    SELECT id, error FROM judged WHERE error IS NOT NULL ORDER BY id`.execute(database)
  return rows
}

function stalledBefore(stallSeconds: number) {
  return sql`clock_timestamp() - make_interval(secs => ${stallSeconds})`
}

/** Returns those that were under way. */
async function fail(transaction: Transaction<Schema>, overdue: readonly Overdue[]): Promise<readonly HostOfPull[]> {
  const { rows } = await sql<HostOfPull>`
    WITH told AS MATERIALIZED (
      SELECT * FROM unnest(${overdue.map(({ id }) => id)}::bigint[], ${overdue.map(({ error }) => error)}::text[])
        AS told(id, error)),
    current AS MATERIALIZED (
      SELECT id, phase AS was FROM host_pull JOIN told USING (id) WHERE phase IN ('waiting', 'pulling')
      ORDER BY id FOR UPDATE OF host_pull),
    written AS (
      UPDATE host_pull SET phase = 'failed', error = told.error, ended = clock_timestamp()
      FROM told JOIN current USING (id) WHERE host_pull.id = told.id
      RETURNING host_pull.id, host_pull.host, current.was)
    SELECT id AS pull, host FROM written WHERE was = 'pulling'`.execute(transaction)
  return rows
}
