import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import type { KyselyPlugin } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import { newTask, TestEngine } from '../../testing/workers.ts'
import { PostgresTaskStore } from './postgres-task-store.ts'

const tasks = 20
const resultBytes = 100_000

onEachDatabase('a list of tasks with large results', (fresh) => {
  let engine: TestEngine
  let store: PostgresTaskStore
  /** Of the largest answer of the database. */
  let bytesAtOnce = 0
  before(async () => {
    engine = new TestEngine(await fresh.open())
    const measuring: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        bytesAtOnce = Math.max(bytesAtOnce, JSON.stringify(result.rows).length)
        return result
      },
    }
    store = new PostgresTaskStore(engine.database.withPlugin(measuring))
  })
  after(() => engine.close())

  it('gives all of them, and holds one at a time', async () => {
    const queued = await engine.store.enqueue(
      Array.from({ length: tasks }, (_, index) => ({ ...newTask(`task-${index}`), tags: ['large'] })),
    )
    const results = new Map(queued.map(({ id }) => [id, { text: randomBytes(resultBytes / 2).toString('hex') }]))
    for (const [id, result] of results) {
      await engine.database
        .updateTable('task')
        .set({ result: JSON.stringify(result) })
        .where('task_id', '=', id)
        .execute()
    }
    for (const filter of [{}, { tags: ['large'] }]) {
      const listed = await Array.fromAsync(store.list(filter))
      assert.deepEqual(new Map(listed.map(({ id, result }) => [id, result])), results)
    }
    assert.ok(bytesAtOnce < 2 * resultBytes, `${bytesAtOnce} bytes at once`)
  })
})
