import { sql, type Transaction } from 'kysely'
import type { ErrorReport } from '../../core/errors.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { lockClaimed } from './claimed-task.ts'
import { completeTask, requeueTask } from './complete-task.ts'
import { serverStarted } from './worker-sessions.ts'

/** A task that kills its workers, by memory for instance, must not do so for ever. */
const mostDeaths = 3
const patienceMs = 1_000

/**
 * Takes a task away from a dead worker. When the database server itself went down since the claim, nobody knows whether the
 * worker died: the loss of its connection is no death then. False when somebody else did or the worker ended it before.
 */
export async function recoverTask(database: Database, dead: Fence): Promise<boolean> {
  return await database.transaction().execute(async (transaction) => {
    const task = await withoutIdleHolders(database, transaction, () => lockClaimed(transaction, dead))
    if (task === undefined) return false
    if (task.cancel_requested) await completeTask(transaction, task, { state: 'canceled' })
    else if (await serverRestarted(transaction, task.id)) await requeueTask(transaction, task.id, false)
    else if (task.deaths + 1 < mostDeaths) await requeueTask(transaction, task.id, true)
    else await completeTask(transaction, task, { state: 'error', error: workerDied(task.task_id) })
    return true
  })
}

async function serverRestarted(transaction: Transaction<Schema>, taskKey: number): Promise<boolean> {
  const { restarted } = await transaction
    .selectFrom('task')
    .select(sql<boolean>`server_started IS DISTINCT FROM ${serverStarted}`.as('restarted'))
    .where('id', '=', taskKey)
    .executeTakeFirstOrThrow()
  return restarted
}

function workerDied(taskId: string): ErrorReport {
  return {
    kind: 'internal',
    message: `a worker died while it ran task ${taskId}, ${mostDeaths} times; the task is given up`,
    details: { code: 'PLP0049', data: { task_id: taskId } },
    trace: null,
  }
}

/**
 * A stopped process, or one whose host vanished, may have left a fenced transaction open that holds the task's row for hours.
 * While the take-over waits, connections that block it and have been idle inside a transaction for a second are ended.
 */
async function withoutIdleHolders<T>(
  database: Database,
  transaction: Transaction<Schema>,
  take: () => Promise<T>,
): Promise<T> {
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(transaction)
  const watch = setInterval(() => {
    // A failure here is one of the database; the take-over itself reports that.
    endIdleBlockers(database, rows[0]?.pid ?? 0).catch(() => undefined)
  }, patienceMs)
  try {
    return await take()
  } finally {
    clearInterval(watch)
  }
}

async function endIdleBlockers(database: Database, pid: number): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid = ANY(pg_blocking_pids(${pid}::integer)) AND state = 'idle in transaction'
    AND state_change < clock_timestamp() - interval '1 second'`.execute(database)
}
