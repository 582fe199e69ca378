import { type Selectable, sql, type Transaction } from 'kysely'
import { type ErrorReport, notFound } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { countOutcome } from '../schedules/count-outcome.ts'
import type { Schema } from '../schema.ts'
import { announceToAgents } from './agent-notices.ts'
import { holdTime } from './held-tasks.ts'
import { announce, notification } from './task-notices.ts'
import { markReady } from './task-queues.ts'
import { progressWrite, reportJson } from './task-rows.ts'

export interface TaskToEnd {
  readonly id: number
  readonly task_id: string
  readonly resources: readonly string[]
}

export interface FinalState {
  readonly state: 'finished' | 'error' | 'canceled'
  readonly result?: Json
  readonly error?: ErrorReport
  /** The last report, if it is not written yet. */
  readonly progress?: JsonObject | undefined
}

/**
 * Ends a task for good: it leaves its queues, successors become ready, everybody hears. The caller holds the locks of the
 * task's queues and then of its row, in this order.
 */
export async function completeTask(
  transaction: Transaction<Schema>,
  task: TaskToEnd,
  final: FinalState,
): Promise<void> {
  const { schedule, agent } = await writeEnd(transaction, task, final)
  if (schedule !== null) await countOutcome(transaction, schedule, final.state)
  if (final.state === 'canceled') await announceToAgents(transaction, [agent])
  if (await markReady(transaction, task.resources)) await announce(transaction, { event: 'ready' })
}

/** The row, its places in queues and the notice, in one statement. */
async function writeEnd(
  transaction: Transaction<Schema>,
  task: TaskToEnd,
  { state, result, error, progress }: FinalState,
): Promise<Pick<Selectable<Schema['task']>, 'schedule' | 'agent'>> {
  const reported = progress === undefined ? sql`` : sql`, reported AS (${progressWrite(task.id, progress)})`
  const { rows } = await sql<Pick<Selectable<Schema['task']>, 'schedule' | 'agent'>>`
    WITH place AS (DELETE FROM task_resource WHERE task = ${task.id}) ${reported}
    UPDATE task SET state = ${state}, ready = false, worker_session = NULL, waiting_reason = NULL, held_until = NULL,
      finished = clock_timestamp(), result = ${result === undefined ? null : reportJson(result)},
      error = ${error === undefined ? null : reportJson(error)}
    WHERE id = ${task.id}
    RETURNING schedule, agent, ${notification({ event: 'end', taskId: task.task_id })}`.execute(transaction)
  const [row] = rows
  if (row === undefined) throw notFound({ task_id: task.task_id })
  return row
}

/**
 * Gives a running task back to the queue. It has kept its place at the head, so it is ready at once; with a reason it is held for
 * a moment, so that it does not run hot.
 */
export async function requeueTask(
  transaction: Transaction<Schema>,
  taskKey: number,
  died: boolean,
  reason?: string,
): Promise<void> {
  await transaction
    .updateTable('task')
    .set((eb) => ({
      state: 'waiting',
      ready: true,
      worker_session: null,
      deaths: eb('deaths', '+', died ? 1 : 0),
      waiting_reason: reason ?? null,
      held_until: reason === undefined ? null : sql<Date>`clock_timestamp() + ${holdTime}`,
    }))
    .where('id', '=', taskKey)
    .execute()
  await announce(transaction, { event: 'ready' })
}
