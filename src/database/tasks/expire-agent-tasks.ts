import { sql, type Transaction } from 'kysely'
import type { ErrorReport } from '../../core/errors.ts'
import type { TaskState } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { endAgentTask } from './end-agent-task.ts'

/** Tasks of one transaction, so that no lock is held for long. */
const batch = 100

interface Late {
  readonly id: number
  readonly agent: string
  readonly state: TaskState
}

/**
 * Ends the tasks that no agent has said a word of for so long, by the database's clock: rows tell it, so a restart of anything
 * changes nothing. Safe side by side. Returns how many there were.
 */
export async function expireAgentTasks(database: Database, timeoutSeconds: number): Promise<number> {
  for (let expired = 0; ; ) {
    const ended = await database.transaction().execute((transaction) => expireSome(transaction, timeoutSeconds))
    expired += ended
    if (ended < batch) return expired
  }
}

async function expireSome(transaction: Transaction<Schema>, timeoutSeconds: number): Promise<number> {
  const { rows } = await sql<Late>`
    SELECT id, agent, state FROM task
    WHERE agent IS NOT NULL AND finished IS NULL
      AND coalesce(heard, created) < clock_timestamp() - make_interval(secs => ${timeoutSeconds})
    ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED`.execute(transaction)
  for (const late of rows) await endAgentTask(transaction, late.id, { error: silence(late, timeoutSeconds) })
  return rows.length
}

/** As Pulp names what timed out (pulp2-api §2.3). */
function silence({ agent, state }: Late, timeout: number): ErrorReport {
  const what =
    state === 'waiting'
      ? `No agent of consumer ${agent} accepted the request within ${timeout} seconds; start one with deckle agent --consumer ${agent}`
      : `The agent of consumer ${agent} said nothing of the request for ${timeout} seconds`
  return { kind: 'upstream', message: what, details: { code: 'PLP0011', data: { timeout } }, trace: null }
}
