import { type Selectable, sql } from 'kysely'
import type { Json } from '../../core/json.ts'
import type { Task, TaskFilter } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { findRows } from '../criteria/find-rows.ts'
import type { RowIds } from '../criteria/row-ids.ts'
import type { Schema } from '../schema.ts'
import { shownColumns, toTask, withReports } from './task-rows.ts'

/** Tasks read at once: what a client that stops reading makes us hold. */
const page = 200

/** Bytes of a result, as the database keeps it, that is read with its page; a copy of many units names all of them. */
const smallResult = 8_192

/** Tasks outside of groups, oldest first. */
export async function* listTasks(database: Database, { tags = [] }: TaskFilter): AsyncIterable<Task> {
  if (tags.length > 0) yield* readTagged(database, tags)
  else yield* readAll(database)
}

async function* readAll(database: Database): AsyncIterable<Task> {
  for (let last = 0; ; ) {
    const rows = await listedTasks(database)
      .where('task.id', '>', last)
      .where('task.group_id', 'is', null)
      .orderBy('task.id')
      .limit(page)
      .execute()
    yield* withResults(database, rows)
    if (rows.length < page) return
    last = rows.at(-1)?.id ?? last
  }
}

/** With all of the tags. Most often they are few: then one statement finds and reads them. */
async function* readTagged(database: Database, tags: readonly string[]): AsyncIterable<Task> {
  const few = await listedTasks(database).where(hasAll(tags)).orderBy(byIndex).limit(page).execute()
  if (few.length < page) yield* withResults(database, few)
  else yield* readTasks(database, await findTagged(database, tags))
}

function findTagged(database: Database, tags: readonly string[]): Promise<RowIds> {
  const query = sql`SELECT task.id FROM task WHERE ${hasAll(tags)} ORDER BY ${byIndex}`
  return database.transaction().execute((transaction) => findRows(transaction, query))
}

function hasAll(tags: readonly string[]) {
  return sql<boolean>`task.group_id IS NULL AND task.tags @> ${[...tags]}::text[]`
}

/**
 * In order of row ids, but not of the primary key. PostgreSQL thinks that a tag which its statistics do not know is in every
 * two-hundredth task, and would rather read every task in order until there are enough than ask the index on tags.
 */
const byIndex = sql`task.id + 0`

/** The tasks of these rows, in their order; those that have been deleted meanwhile are left out. */
export async function* readTasks(database: Database, ids: RowIds): AsyncIterable<Task> {
  for (const wanted of ids.pages(page)) {
    const rows = await listedTasks(database).where(sql<boolean>`task.id = ANY(${wanted}::bigint[])`).execute()
    const byKey = new Map(rows.map((row) => [row.id, row]))
    yield* withResults(
      database,
      wanted.flatMap((key) => byKey.get(key) ?? []),
    )
  }
}

/** Tasks without results that are large. */
function listedTasks(database: Database) {
  const large = sql<boolean>`coalesce(pg_column_size(task.result) > ${smallResult}, false)`
  const rows = database
    .selectFrom('task')
    .select(shownColumns.map((column) => `task.${column}` as const))
    .select(large.as('large'))
    .select(sql<Json>`CASE WHEN NOT ${large} THEN task.result END`.as('result'))
  return withReports(rows)
}

type ListedRow = Parameters<typeof toTask>[0] & { readonly large: boolean }

/** Results that are large are read when their task is wanted, one at a time. */
async function* withResults(database: Database, rows: readonly ListedRow[]): AsyncIterable<Task> {
  for (const row of rows) {
    const result = row.large ? await resultOf(database, row.id) : row.result
    yield toTask({ ...row, result })
  }
}

async function resultOf(database: Database, key: number): Promise<Selectable<Schema['task']>['result']> {
  const row = await database.selectFrom('task').select('result').where('id', '=', key).executeTakeFirst()
  return row?.result ?? null
}
