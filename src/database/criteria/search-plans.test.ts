import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { JsonObject } from '../../core/json.ts'
import { fromPulpFilters } from '../../http/pulp/filters.ts'
import { objectId } from '../../http/pulp/object-id.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import type { OpenDatabase } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { listTasks } from '../tasks/list-tasks.ts'
import { PostgresSearches } from './postgres-searches.ts'

const rows = 100_000

const vocabulary: SearchVocabulary = {
  kindTags: { repository: '0001', repositoryGroup: '0014', distributor: '0003', task: '0004', user: '0011' },
  tagPrefix: 'pulp:',
  taskTypes: {},
  secrets: [],
}

async function fill({ database }: OpenDatabase): Promise<void> {
  await sql`INSERT INTO task (task_id, operation, arguments, tags, state, created, finished)
    SELECT md5('' || n)::uuid, 'sync-repository', '{}', ARRAY['repository:r' || n / 5, 'action:sync'],
      CASE WHEN n % 1000 = 0 THEN 'running' WHEN n % 1000 = 1 THEN 'waiting' ELSE 'finished' END, now(), now()
    FROM generate_series(1, ${sql.lit(rows)}) AS n`.execute(database)
  await sql`INSERT INTO repository (name, notes) SELECT 'r' || n, '{}' FROM generate_series(1, ${sql.lit(rows / 5)}) AS n`.execute(
    database,
  )
  await sql`INSERT INTO distributor (repository, name, type, config, auto_publish)
    SELECT id, 'yum_distributor', 'yum_distributor', '{}', true FROM repository`.execute(database)
  await sql`ANALYZE`.execute(database)
}

/** Tables that the statements of `work` read from the first to the last row, in whatever order. */
async function scannedBy(opened: OpenDatabase, work: (database: Kysely<Schema>) => Promise<unknown>) {
  const statements: { sql: string; parameters: readonly unknown[] }[] = []
  const database = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: opened.pool }),
    log: ({ query }) => void statements.push(query),
  })
  await work(database)
  const scanned: string[] = []
  for (const statement of statements) {
    const [query] = /\bselect\b.*\bfrom\b.*/is.exec(statement.sql) ?? []
    if (query === undefined) continue
    const { rows: lines } = await opened.pool.query(`EXPLAIN ${query}`, [...statement.parameters])
    const plan = lines.map((line) => String(line['QUERY PLAN'])).join('\n')
    scanned.push(...[...plan.matchAll(wholeTable)].map(([, table]) => table ?? ''))
  }
  return scanned
}

/** Also an index that is read for its order only, but not one that holds few rows to begin with. */
const wholeTable =
  /(?:Seq Scan|Index Scan using (?!task_running\b|task_ready\b)\w+) on (task|repository|distributor)\b.*\n(?!\s*Index Cond)/g

onEachDatabase(`Searches among ${rows} rows`, (fresh) => {
  it('by fields that have an index do not read whole tables', async () => {
    const opened = await fresh.open()
    await fill(opened)
    const id = '02522a2b-2726-fb0a-03bb-19f2d8d9524d'
    const { rows: found } = await sql<{ id: number; created: Date }>`SELECT id, created FROM task LIMIT 1`.execute(
      opened.database,
    )
    const key = found.map((row) => objectId('task', row.created, row.id))[0] ?? ''
    const ofTasks: JsonObject[] = [
      { task_id: id },
      { task_id: { $in: [id, 'no task'] } },
      { id: key },
      { _id: { $in: [key] } },
      { tags: 'pulp:repository:r7' },
      { tags: { $in: ['pulp:repository:r7', 'pulp:repository:r8'] } },
      { tags: { $all: ['pulp:repository:r7', 'pulp:action:sync'] } },
      { tags: ['pulp:repository:r7', 'pulp:action:sync'] },
      { state: 'running' },
      { state: { $in: ['running', 'waiting'] } },
      { $and: [{ tags: 'pulp:repository:r7' }, { state: { $ne: 'finished' } }] },
      { $or: [{ task_id: id }, { tags: 'pulp:repository:r7' }] },
    ]
    for (const filters of ofTasks) {
      const scanned = await scannedBy(opened, (database) => {
        const searches = searchesOf(database)
        return Promise.all(
          [criteria(filters), { ...criteria(filters), limit: 1 }].map((one) => Array.fromAsync(searches.tasks(one))),
        )
      })
      assert.deepEqual(scanned, [], JSON.stringify(filters))
    }
    for (const filters of [{ id: 'r7' }, { repo_id: 'r7' }, { id: { $in: ['r7', 'r8'] } }]) {
      const scanned = await scannedBy(opened, (database) => searchesOf(database).repositories(criteria(filters)))
      assert.deepEqual(scanned, [], JSON.stringify(filters))
    }
    for (const filters of [{ repo_id: 'r7' }, { repo_id: { $in: ['r7', 'r8'] }, id: 'yum_distributor' }]) {
      const scanned = await scannedBy(opened, (database) => searchesOf(database).distributors(criteria(filters)))
      assert.deepEqual(scanned, [], JSON.stringify(filters))
    }
    const without = await scannedBy(opened, (database) =>
      Array.fromAsync(searchesOf(database).tasks(criteria({ worker_name: 'nobody' }))),
    )
    assert.deepEqual(without, ['task'], 'the test would see it')
    for (const tags of [['repository:r7'], ['repository:r7', 'action:sync']]) {
      const scanned = await scannedBy(opened, (database) => Array.fromAsync(listTasks(database, { tags })))
      assert.deepEqual(scanned, [], `a list of ${tags}`)
    }
  })
})

function searchesOf(database: Kysely<Schema>): PostgresSearches {
  return new PostgresSearches(database, vocabulary)
}

function criteria(filters: JsonObject): Criteria {
  return { filter: fromPulpFilters(filters), sort: [], skip: 0 }
}
