import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'
import { enqueueIn } from './enqueue.ts'

onEachDatabase('the task store', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  it('gives back what was queued', async () => {
    const task = { operation: 'sync', arguments: { repository: 'zoo' }, tags: ['b', 'a'], resources: ['zoo', 'zoo'] }
    const [queued] = await engine.store.enqueue([task])
    assert.ok(queued)
    const read = await engine.store.get(queued.id)
    assert.deepEqual(read, queued)
    const { key: _key, id: _id, created: _created, ...rest } = read
    assert.deepEqual(rest, {
      ...task,
      resources: ['zoo'],
      state: 'waiting',
      started: null,
      finished: null,
      worker: null,
      agent: null,
      attempt: 0,
      progress: {},
      waitingReason: null,
      result: null,
      error: null,
      spawned: [],
    })
  })

  it('does not know tasks that are not there, however they are named', async () => {
    for (const id of ['nonsense', '', '6f0c2f0e-0000-4000-8000-000000000000']) {
      await assert.rejects(engine.store.get(id), { kind: 'not-found' })
      await assert.rejects(engine.store.cancel(id), { kind: 'not-found' })
    }
  })

  it('lists all tasks oldest first, over several pages, of a tag too', async () => {
    const tasks = Array.from({ length: 1_203 }, (_, index) => ({ ...newTask(`task-${index}`), tags: ['many'] }))
    const queued = await engine.store.enqueue(tasks)
    for (const filter of [{}, { tags: ['many'] }]) {
      const listed = await Array.fromAsync(engine.store.list(filter))
      assert.deepEqual(
        listed.map((task) => task.id),
        queued.map((task) => task.id),
      )
    }
  })

  it('lists the tasks that have all of the tags', async () => {
    const tags = [['zoo', 'sync'], ['zoo'], ['sync', 'other', 'zoo'], ['sync']]
    await engine.store.enqueue(tags.map((some) => ({ ...newTask('task'), tags: some })))
    const listed = await Array.fromAsync(engine.store.list({ tags: ['zoo', 'sync'] }))
    assert.deepEqual(
      listed.map((task) => task.tags),
      [tags[0], tags[2]],
    )
  })

  it('queues nothing when the transaction around it fails', async () => {
    const attempt = engine.database.transaction().execute(async (transaction) => {
      await enqueueIn(transaction, [newTask('lost', ['A'])])
      throw new Error('roll back')
    })
    await assert.rejects(attempt, /roll back/)
    assert.deepEqual(await Array.fromAsync(engine.store.list({})), [])
    assert.equal(await engine.claims.countReady(1), 0)
  })

  it('cancels a waiting task at once', async () => {
    const task = await engine.enqueue('task', ['A'])
    await engine.store.cancel(task.id)
    const after = await engine.store.get(task.id)
    assert.equal(after.state, 'canceled')
    assert.ok(after.finished)
    assert.deepEqual(await engine.claimAll(worker), [])
  })

  it('lets a running task finish its stop: given back, it is canceled and not run again', async () => {
    const task = await engine.enqueue('task', ['A'])
    const [claimed] = await engine.claimAll(worker)
    assert.ok(claimed)
    await engine.store.cancel(task.id)
    assert.equal((await engine.store.get(task.id)).state, 'running')
    await engine.claims.finish(fenceOf(claimed), { state: 'released' })
    assert.equal((await engine.store.get(task.id)).state, 'canceled')
    assert.deepEqual(await engine.claimAll(worker), [])
  })

  it('keeps the result of a cancelled task that finished all the same, but spawns nothing', async () => {
    await engine.enqueue('task')
    const [claimed] = await engine.claimAll(worker)
    assert.ok(claimed)
    await engine.store.cancel(claimed.id)
    await engine.claims.finish(fenceOf(claimed), { state: 'finished', result: { n: 1 }, spawn: [newTask('child')] })
    const after = await engine.store.get(claimed.id)
    assert.deepEqual([after.state, after.result, after.spawned], ['canceled', { n: 1 }, []])
    assert.deepEqual(await engine.claimAll(worker), [])
  })

  it('leaves a complete task as it is', async () => {
    await engine.enqueue('task')
    const [claimed] = await engine.claimAll(worker)
    assert.ok(claimed)
    await engine.claims.finish(fenceOf(claimed), success)
    const before = await engine.store.get(claimed.id)
    await engine.store.cancel(claimed.id)
    assert.deepEqual(await engine.store.get(claimed.id), before)
  })

  it('tells what a task waits for: its resources in a list, who holds one when it is asked for', async () => {
    const first = await engine.enqueue('first', ['A'])
    const second = await engine.enqueue('second', ['B', 'A'])
    const third = await engine.enqueue('third', ['B'])
    const reasons = async () => (await Array.fromAsync(engine.store.list({}))).map((task) => task.waitingReason)
    const reasonOf = async ({ id }: { id: string }) => (await engine.store.get(id)).waitingReason
    assert.deepEqual(await reasons(), [null, 'for B, A', 'for B'])
    assert.equal(await reasonOf(second), `for A, after task ${first.id}`)
    const [running] = await engine.claimAll(worker)
    assert.ok(running)
    assert.equal(await reasonOf(second), `for A, held by task ${first.id}`)
    assert.equal(await reasonOf(third), `for B, after task ${second.id}`)
    await engine.claims.finish(fenceOf(running), success)
    assert.deepEqual(await reasons(), [null, null, 'for B'])
    await engine.store.cancel(third.id)
    assert.equal(await reasonOf(third), null)
  })

  it('shows living workers with their heartbeats, each name once', async () => {
    const second = await engine.worker('scheduler@here')
    const third = await engine.worker('scheduler@here')
    const workers = await engine.store.workers()
    assert.deepEqual(
      workers.map((one) => one.name),
      ['reserved_resource_worker-0@here', 'scheduler@here'],
    )
    assert.ok(workers.every((one) => one.heartbeat instanceof Date))
    await second.die()
    await third.die()
    await waitFor(async () => (await engine.store.workers()).length === 1)
  })
})

/** PostgreSQL frees the locks of a closed connection a moment later. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
