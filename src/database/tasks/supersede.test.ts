import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'

onEachDatabase('a task that supersedes what is queued', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  const states = async () => {
    const tasks = await Array.fromAsync(engine.store.list({}))
    return Object.fromEntries(tasks.map(({ operation, state }) => [operation, state]))
  }

  it('cancels what waits for its resource, lets the running one end, and runs next', async () => {
    const running = await engine.enqueue('running', ['A'])
    assert.equal((await engine.claims.claim(worker))?.id, running.id)
    await engine.enqueue('waiting', ['A'])
    await engine.enqueue('elsewhere', ['B'])
    await engine.store.supersede(newTask('delete', ['A']))
    assert.deepEqual(await states(), {
      running: 'running',
      waiting: 'canceled',
      elsewhere: 'waiting',
      delete: 'waiting',
    })
    await engine.claims.finish({ taskKey: running.key, attempt: 1 }, success)
    assert.deepEqual(
      (await engine.claimAll(worker)).map(({ operation }) => operation),
      ['elsewhere', 'delete'],
    )
  })

  it('makes ready what waited elsewhere behind a cancelled task', async () => {
    const running = await engine.enqueue('running', ['A'])
    assert.equal((await engine.claims.claim(worker))?.id, running.id)
    await engine.enqueue('both', ['A', 'B'])
    await engine.enqueue('behind', ['B'])
    assert.equal(await engine.claims.claim(worker), undefined)
    await engine.store.supersede(newTask('delete', ['A']))
    assert.equal((await engine.claims.claim(worker))?.operation, 'behind')
  })

  it('leaves an earlier one of its own kind in its place', async () => {
    const first = await engine.store.supersede(newTask('delete', ['A']))
    await engine.store.supersede(newTask('delete', ['A']))
    const claimed = await engine.claims.claim(worker)
    assert.equal(claimed?.id, first.id)
    await engine.claims.finish(fenceOf(claimed), success)
    assert.equal((await engine.claims.claim(worker))?.operation, 'delete')
  })

  it('blocks nobody and loses nothing beside others who queue for the same resources', async () => {
    const queued = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0
        ? engine.store.supersede(newTask(`delete-${index}`, ['A']))
        : engine.store.enqueue([newTask(`task-${index}`, index % 2 === 0 ? ['A', 'B'] : ['B', 'C'])]),
    )
    await Promise.all(queued)
    for (let left = true; left; ) {
      const tasks = await engine.claimAll(worker)
      for (const task of tasks) await engine.claims.finish(fenceOf(task), success)
      left = tasks.length > 0
    }
    const ends = Object.values(await states())
    assert.equal(ends.length, 40)
    assert.deepEqual(new Set(ends), new Set(['finished', 'canceled']))
  })
})
