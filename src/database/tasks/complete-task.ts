import { sql, type Transaction } from 'kysely'
import type { ErrorReport } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { countOutcome } from '../schedules/count-outcome.ts'
import type { Schema } from '../schema.ts'
import { announceToAgents } from './agent-notices.ts'
import { holdTime } from './held-tasks.ts'
import { announce } from './task-notices.ts'
import { leaveQueues, markReady } from './task-queues.ts'
import { reportJson } from './task-rows.ts'

export interface TaskToEnd {
  readonly id: number
  readonly task_id: string
  readonly resources: readonly string[]
}

export interface FinalState {
  readonly state: 'finished' | 'error' | 'canceled'
  readonly result?: Json
  readonly error?: ErrorReport
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
  const { schedule, agent } = await transaction
    .updateTable('task')
    .set({
      state: final.state,
      ready: false,
      worker_session: null,
      waiting_reason: null,
      held_until: null,
      finished: sql<Date>`clock_timestamp()`,
      result: final.result === undefined ? null : reportJson(final.result),
      error: final.error === undefined ? null : reportJson(final.error),
    })
    .where('id', '=', task.id)
    .returning(['schedule', 'agent'])
    .executeTakeFirstOrThrow()
  if (schedule !== null) await countOutcome(transaction, schedule, final.state)
  await leaveQueues(transaction, task.id)
  await announce(transaction, { event: 'end', taskId: task.task_id })
  if (final.state === 'canceled') await announceToAgents(transaction, [agent])
  if (await markReady(transaction, task.resources)) await announce(transaction, { event: 'ready' })
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
