import { type Kysely, sql } from 'kysely'
import type { Task } from '../../core/task.ts'
import type { Schema } from '../schema.ts'

interface WaitingRow {
  readonly state: Task['state']
  readonly ready: boolean
  readonly waiting_reason: string | null
  readonly resources: readonly string[]
  readonly agent: string | null
}

/** What a task waits for, as far as its own row tells: what is held back, or resources that are not its yet. */
export function reasonInRow(row: WaitingRow): string | null {
  if (row.agent !== null) return row.state === 'waiting' ? `for the agent of consumer ${row.agent}` : null
  if (row.waiting_reason !== null || !isBehindOthers(row)) return row.waiting_reason
  return `for ${row.resources.join(', ')}`
}

/** The same with the task that is in the way, by one look at the queues. */
export async function reasonInQueue(database: Kysely<Schema>, key: number, row: WaitingRow): Promise<string | null> {
  if (row.agent !== null || row.waiting_reason !== null || !isBehindOthers(row)) return reasonInRow(row)
  const { rows } = await sql<{ resource: string; taskId: string; state: string }>`
    SELECT place.resource, head.task_id AS "taskId", head.state FROM task_resource AS place
    JOIN task AS head ON head.id = (SELECT min(ahead.task) FROM task_resource AS ahead WHERE ahead.resource = place.resource)
    WHERE place.task = ${key} AND head.id < ${key}
    ORDER BY head.state = 'running' DESC, place.resource LIMIT 1`.execute(database)
  const [first] = rows
  if (first === undefined) return reasonInRow(row)
  const { resource, taskId, state } = first
  return state === 'running' ? `for ${resource}, held by task ${taskId}` : `for ${resource}, after task ${taskId}`
}

function isBehindOthers(row: WaitingRow): boolean {
  return row.state === 'waiting' && !row.ready
}
