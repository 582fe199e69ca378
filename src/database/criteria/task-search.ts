import { sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { Task } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { selectTasks, toTask } from '../tasks/task-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { findRows } from './find-rows.ts'
import { orderBy } from './order-by.ts'
import type { RowIds } from './row-ids.ts'
import { runSearch, searchTimeMs } from './run-search.ts'
import { dateTextField, type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'
import { extent } from './unit-search.ts'

/** Tasks read at once: what a client that stops reading makes us hold. */
const page = 200

/** Finds the rows first, then reads them in pages: memory for a number a task. */
export async function* searchTasks(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): AsyncIterable<Task> {
  const found = await findTasks(database, vocabulary, criteria)
  for (const wanted of found.pages(page)) {
    const rows = await selectTasks(database).where(sql<boolean>`task.id = ANY(${wanted}::bigint[])`).execute()
    const byKey = new Map(rows.map((row) => [row.id, row]))
    for (const key of wanted) {
      const row = byKey.get(key)
      if (row !== undefined) yield toTask(row)
    }
  }
}

function findTasks(database: Database, vocabulary: SearchVocabulary, criteria: Criteria): Promise<RowIds> {
  const fields = taskFields(vocabulary)
  const query = sql`
    SELECT task.id FROM task LEFT JOIN task_progress ON task_progress.task = task.id
    WHERE ${compileFilter(criteria.filter, fields)} ORDER BY ${orderBy(criteria, fields, sql`task.id`)}
    ${extent(criteria)}`
  return runSearch(database, criteria, (transaction) => findRows(transaction, query, searchTimeMs))
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
      sql`coalesce(${JSON.stringify(vocabulary.taskTypes)}::jsonb ->> task.operation, task.operation)`,
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

/** For the index on tags. Tags of another prefix are in no task; whole lists of tags are left to the condition itself. */
function narrowTags(values: readonly Json[], prefix: string) {
  if (!values.every((value) => typeof value === 'string')) return undefined
  const stored = values.flatMap((value) => (value.startsWith(prefix) ? value.slice(prefix.length) : []))
  return sql<boolean>`task.tags && ${stored}::text[]`
}
