import { type RawBuilder, sql } from 'kysely'
import type { Criteria, Filter, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { Task } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { readTasks } from '../tasks/list-tasks.ts'
import { compileFilter } from './compile-filter.ts'
import { findRows } from './find-rows.ts'
import { orderBy } from './order-by.ts'
import type { RowIds } from './row-ids.ts'
import { runSearch, searchTimeMs } from './run-search.ts'
import { dateTextField, type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'
import { extent } from './unit-search.ts'

/** Finds the rows first, then reads them in pages: memory for a number a task. */
export async function* searchTasks(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): AsyncIterable<Task> {
  yield* readTasks(database, await findTasks(database, vocabulary, criteria))
}

function findTasks(database: Database, vocabulary: SearchVocabulary, criteria: Criteria): Promise<RowIds> {
  const fields = taskFields(vocabulary)
  // With a limit PostgreSQL would look for the few through all tasks in order, hoping for an early one (`listTasks`).
  const key = asksForFew(criteria.filter) ? sql`task.id + 0` : sql`task.id`
  const query = sql`
    SELECT task.id FROM task LEFT JOIN task_progress ON task_progress.task = task.id
    WHERE ${compileFilter(criteria.filter, fields)} ORDER BY ${orderBy(criteria, fields, key)}
    ${extent(criteria)}`
  return runSearch(database, criteria, (transaction) => findRows(transaction, query, searchTimeMs))
}

/** Whether only tasks with certain tags, or that have not finished well, can match: an index finds them. */
function asksForFew(filter: Filter): boolean {
  if (filter.kind === 'all') return filter.filters.some(asksForFew)
  if (filter.kind !== 'field' || filter.path.length !== 1) return false
  const { path, test } = filter
  if (test.op !== 'equals' && test.op !== 'one-of') return false
  const values = test.op === 'equals' ? [test.value] : test.values
  return path[0] === 'tags' || (path[0] === 'state' && !values.includes('finished'))
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** pulp2-api §3.3, but `result`, which nobody searches by. Times are text there, not dates. */
function taskFields(vocabulary: SearchVocabulary): FieldMap {
  const [id, state] = [sql.ref('task.task_id'), sql.ref('task.state')]
  const group = sql.ref('task.group_id')
  const objectId = objectIdField(sql.ref('task.created'), sql.ref('task.id'), vocabulary.kindTags.task)
  const { tagPrefix } = vocabulary
  return {
    _id: objectId,
    id: objectId,
    task_id: textField(id, (values) => oneOf(id, values, toUuid, 'uuid')),
    group_id: textField(group, (values) => oneOf(group, values, toUuid, 'uuid')),
    task_type: textField(
      sql`CASE WHEN task.agent IS NULL
        THEN coalesce(${JSON.stringify(vocabulary.taskTypes)}::jsonb ->> task.operation, task.operation) END`,
    ),
    state: textField(state, (values) => oneOf(state, values, (text) => text, 'text')),
    tags: jsonField(sql`to_jsonb(ARRAY(SELECT ${tagPrefix}::text || tag FROM unnest(task.tags) AS tag))`, (values) =>
      narrowTags(values, tagPrefix),
    ),
    start_time: dateTextField(sql.ref('task.started')),
    finish_time: dateTextField(sql.ref('task.finished')),
    worker_name: textField(sql.ref('task.worker')),
    queue: textField(sql`coalesce(task.worker || '.dq', '')`),
    progress_report: jsonField(sql`coalesce(task_progress.report, '{}')`),
    spawned_tasks: jsonField(
      sql`to_jsonb(ARRAY(SELECT child.task_id FROM task AS child WHERE child.parent = task.id ORDER BY child.id))`,
    ),
    error: jsonField(
      sql`CASE WHEN task.state = 'error' THEN jsonb_build_object('description', task.error ->> 'message') END`,
    ),
    exception: textField(sql`NULL`),
    traceback: textField(sql`CASE WHEN task.state = 'error' THEN task.error ->> 'trace' END`),
  }
}

function toUuid(text: string): string | undefined {
  return uuid.test(text) ? text : undefined
}

/** For the index on tags: one of the tags, or all of a list. Tags of another prefix are in no task; none at all is left alone. */
function narrowTags(values: readonly Json[], prefix: string): RawBuilder<boolean> | undefined {
  const lists = values.filter((value) => Array.isArray(value))
  if (lists.some((list) => list.length === 0)) return undefined
  const single = values.flatMap((value) => storedTag(value, prefix) ?? [])
  const whole = lists.map((list) => list.flatMap((value) => storedTag(value, prefix) ?? []))
  const possible = whole.filter((tags, index) => tags.length === lists[index]?.length)
  const conditions = possible.map((tags) => sql`task.tags @> ${tags}::text[]`)
  return sql<boolean>`(${sql.join([sql`task.tags && ${single}::text[]`, ...conditions], sql` OR `)})`
}

function storedTag(value: Json, prefix: string): string | undefined {
  return typeof value === 'string' && value.startsWith(prefix) ? value.slice(prefix.length) : undefined
}
