import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import type { Database } from '../connection.ts'
import { PostgresTaskStore } from './postgres-task-store.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const many = long ? 1_000_000 : 5_001

onEachDatabase('ended tasks', (fresh) => {
  let database: Database
  let store: PostgresTaskStore
  before(async () => {
    database = (await fresh.open()).database
    store = new PostgresTaskStore(database)
  })

  async function put(state: string, count: number): Promise<void> {
    await sql`INSERT INTO task (task_id, operation, arguments, tags, state, finished)
      SELECT gen_random_uuid(), 'test', '{}', '{}', ${state}, now() FROM generate_series(1, ${count})`.execute(database)
  }

  async function counts(): Promise<Record<string, number>> {
    const rows = await database
      .selectFrom('task')
      .select((eb) => ['state', eb.fn.countAll().as('tasks')])
      .groupBy('state')
      .execute()
    return Object.fromEntries(rows.map(({ state, tasks }) => [state, Number(tasks)]))
  }

  it('go by their state with their progress, all of them, and no others', async () => {
    for (const state of ['error', 'waiting', 'canceled', 'running']) await put(state, 3)
    await put('finished', many)
    await put('error', 3)
    await sql`INSERT INTO task_progress SELECT id, '{}' FROM task WHERE state = 'finished' LIMIT 10`.execute(database)
    assert.equal(await store.deleteEnded(['finished']), many)
    assert.deepEqual(await counts(), { error: 6, waiting: 3, canceled: 3, running: 3 })
    assert.deepEqual((await sql`SELECT FROM task_progress`.execute(database)).rows, [])
    assert.equal(await store.deleteEnded(['finished', 'error']), 6)
    assert.equal(await store.deleteEnded([]), 0)
    assert.deepEqual(await counts(), { waiting: 3, canceled: 3, running: 3 })
  })

  it('go batch by batch, so that no transaction is long', async () => {
    await put('finished', 5_001)
    const { rows } = await sql<{ xids: string }>`SELECT pg_current_xact_id()::text AS xids`.execute(database)
    await store.deleteEnded(['finished'])
    const { rows: after } = await sql<{ xids: string }>`SELECT pg_current_xact_id()::text AS xids`.execute(database)
    assert.ok(Number(after[0]?.xids) - Number(rows[0]?.xids) > 2)
  })
})
