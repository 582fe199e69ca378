import { sql } from 'kysely'
import type { Task, TaskFilter } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { findRows } from '../criteria/find-rows.ts'
import type { RowIds } from '../criteria/row-ids.ts'
import { selectTasks, toTask } from './task-rows.ts'

/** Tasks read at once: what a client that stops reading makes us hold. */
const page = 200

/** Tasks outside of groups, oldest first. */
export async function* listTasks(database: Database, { tags = [] }: TaskFilter): AsyncIterable<Task> {
  if (tags.length > 0) yield* readTagged(database, tags)
  else yield* readAll(database)
}

async function* readAll(database: Database): AsyncIterable<Task> {
  for (let last = 0; ; ) {
    const rows = await selectTasks(database)
      .where('task.id', '>', last)
      .where('task.group_id', 'is', null)
      .orderBy('task.id')
      .limit(page)
      .execute()
    yield* rows.values().map(toTask)
    if (rows.length < page) return
    last = rows.at(-1)?.id ?? last
  }
}

/** With all of the tags. Most often they are few: then one statement finds and reads them. */
async function* readTagged(database: Database, tags: readonly string[]): AsyncIterable<Task> {
  const few = await selectTasks(database).where(hasAll(tags)).orderBy(byIndex).limit(page).execute()
  if (few.length < page) yield* few.values().map(toTask)
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
    const rows = await selectTasks(database).where(sql<boolean>`task.id = ANY(${wanted}::bigint[])`).execute()
    const byKey = new Map(rows.map((row) => [row.id, row]))
    for (const row of wanted.flatMap((key) => byKey.get(key) ?? [])) yield toTask(row)
  }
}
