import { type Kysely, type RawBuilder, type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { Task } from '../../core/task.ts'
import type { Schema } from '../schema.ts'
import { reasonInRow } from './waiting-reason.ts'

/** Ids of tasks and groups; PostgreSQL fails on other text. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Tasks with their progress and the ids of the tasks that they queued. */
export function selectTasks(database: Kysely<Schema>) {
  return withReports(database.selectFrom('task').selectAll('task'))
}

/** The same for some columns. Looked up row by row: a page of a list would join the progress of all tasks before it. */
export function withReports<Row>(tasks: SelectQueryBuilder<Schema, 'task', Row>) {
  return tasks.select([reportOfTask.as('report'), spawnedByTask.as('spawned')])
}

/** Over a row of task. */
export const reportOfTask = sql<JsonObject | null>`(SELECT report FROM task_progress WHERE task_progress.task = task.id)`
export const spawnedByTask = sql<
  string[]
>`ARRAY(SELECT task_id FROM task AS child WHERE child.parent = task.id ORDER BY child.id)`

/** What a task is told of, but its result. */
export const shownColumns = [
  'id',
  'task_id',
  'operation',
  'arguments',
  'tags',
  'resources',
  'state',
  'ready',
  'created',
  'started',
  'finished',
  'worker',
  'agent',
  'attempt',
  'waiting_reason',
  'error',
] as const

type ShownColumn = (typeof shownColumns)[number] | 'result'

/** A row as `toTask` reads it. */
export type TaskRow = Pick<Selectable<Schema['task']>, ShownColumn> & {
  readonly report: JsonObject | null
  readonly spawned: string[]
}

export function toTask(row: TaskRow): Task {
  return {
    key: row.id,
    id: row.task_id,
    operation: row.operation,
    arguments: row.arguments,
    tags: row.tags,
    resources: row.resources,
    state: row.state,
    created: row.created,
    started: row.started,
    finished: row.finished,
    worker: row.worker,
    agent: row.agent,
    attempt: row.attempt,
    progress: row.report ?? {},
    waitingReason: reasonInRow(row),
    result: row.result,
    error: row.error,
    spawned: row.spawned,
  }
}

/** A statement, or a part of one, that replaces the progress report of a task that is locked. */
export function progressWrite(taskKey: number, report: JsonObject): RawBuilder<unknown> {
  return sql`
    INSERT INTO task_progress (task, report) VALUES (${taskKey}, ${reportJson(report)}::jsonb)
    ON CONFLICT (task) DO UPDATE SET report = excluded.report`
}

/**
 * The text of a JSON column whose value comes from operations. What PostgreSQL's jsonb cannot hold (U+0000 and half surrogate
 * pairs, which names from upstreams may contain) becomes U+FFFD: a report must not fail the task that it reports on.
 */
export function reportJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? member.toWellFormed().replaceAll('\0', '\ufffd') : member,
  )
}
