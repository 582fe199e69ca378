import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, TestEngine, type TestWorker } from '../../testing/workers.ts'

onEachDatabase('a task for an agent, in the queue', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  async function queue() {
    const [task] = await engine.store.enqueue([{ ...newTask('bind', ['zoo']), agent: 'east' }])
    assert.ok(task)
    return task
  }

  it('holds no resource, and says for whom it waits', async () => {
    const { worker: name, agent, resources, waitingReason } = await engine.store.get((await queue()).id)
    assert.deepEqual([name, agent, resources], ['agent', 'east', []])
    assert.equal(waitingReason, 'for the agent of consumer east')
    const behind = await engine.enqueue('sync', ['zoo'])
    assert.deepEqual(
      (await engine.claimAll(worker)).map(({ id }) => id),
      [behind.id],
    )
  })

  it('is never claimed, whatever ends around it', async () => {
    const sync = await engine.enqueue('sync', ['zoo'])
    await engine.claims.claim(worker)
    const task = await queue()
    assert.equal(await engine.claims.countReady(10), 0)
    const running = await engine.store.get(sync.id)
    const spawn = [{ ...newTask('unbind'), agent: 'west' }, newTask('publish')]
    await engine.claims.finish(fenceOf(running), { state: 'finished', result: null, spawn })
    assert.deepEqual(
      (await engine.claimAll(worker)).map(({ operation }) => operation),
      ['publish'],
    )
    const { spawned } = await engine.store.get(sync.id)
    assert.equal(spawned.length, 2)
    assert.equal((await engine.store.get(task.id)).state, 'waiting')
  })

  it('is cancelled at once, alone and in its group', async () => {
    const task = await queue()
    await engine.store.cancel(task.id)
    assert.equal((await engine.store.get(task.id)).state, 'canceled')
    const group = '6f0c2f0e-0000-4000-8000-000000000001'
    await engine.store.enqueue([{ ...newTask('bind'), agent: 'east', group }])
    await engine.store.cancelGroup(group)
    assert.deepEqual((await engine.store.group(group)).canceled, 1)
  })

  it('is no task of a dead worker while it runs, even where no worker lives', async () => {
    const alone = new TestEngine(await fresh.open())
    const [task] = await alone.store.enqueue([{ ...newTask('bind'), agent: 'east' }])
    await alone.database.updateTable('task').set({ state: 'running' }).execute()
    for (let round = 0; round < 3; round++) assert.equal(await alone.claims.recoverDead(), 0)
    assert.equal((await alone.store.get(task?.id ?? '')).state, 'running')
    assert.deepEqual(await alone.store.running(), [])
  })
})
