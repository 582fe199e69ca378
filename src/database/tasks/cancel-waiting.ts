import { sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { agentTaskChannel } from './agent-notices.ts'
import { taskChannel } from './task-notices.ts'

/**
 * Cancels those of the tasks that wait, or that an agent has accepted and not begun. One that a worker claims at this moment goes on running. The caller holds the locks of
 * all their queues, and marks what comes to the head of them.
 */
export async function cancelWaiting(transaction: Transaction<Schema>, keys: readonly number[]): Promise<void> {
  await sql`
    WITH cancelled AS (
      UPDATE task SET state = 'canceled', ready = false, cancel_requested = true, finished = clock_timestamp(),
        waiting_reason = NULL, held_until = NULL
      WHERE id = ANY(${[...keys]}::bigint[]) AND state IN ('waiting', 'accepted') RETURNING id, task_id, agent),
    gone AS (DELETE FROM task_resource USING cancelled WHERE task = cancelled.id)
    SELECT pg_notify(${taskChannel}, 'end:' || task_id),
      CASE WHEN agent IS NOT NULL THEN pg_notify(${agentTaskChannel}, agent) END
    FROM cancelled`.execute(transaction)
}
