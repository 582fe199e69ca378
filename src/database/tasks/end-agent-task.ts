import type { Transaction } from 'kysely'
import type { AgentOutcome } from '../../core/agent-task.ts'
import type { Schema } from '../schema.ts'
import { completeTask, type FinalState } from './complete-task.ts'
import { settleConsumer } from './settle-consumer.ts'

/**
 * Ends a task of an agent, and with it what it was for: the binding, the history of the consumer. The caller holds the lock of its
 * row. One that was told to stop is cancelled, whatever became of it; what it did all the same counts.
 */
export async function endAgentTask(
  transaction: Transaction<Schema>,
  key: number,
  outcome: AgentOutcome,
): Promise<void> {
  const task = await transaction
    .selectFrom('task')
    .select(['id', 'task_id', 'resources', 'cancel_requested', 'operation', 'arguments', 'agent'])
    .where('id', '=', key)
    .executeTakeFirstOrThrow()
  await completeTask(transaction, task, finalState(outcome, task.cancel_requested))
  if ('result' in outcome) await settleConsumer(transaction, task, outcome.result)
}

function finalState(outcome: AgentOutcome, cancelRequested: boolean): FinalState {
  if (cancelRequested) return { state: 'canceled', ...outcome }
  return 'result' in outcome ? { state: 'finished', ...outcome } : { state: 'error', ...outcome }
}
