import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, it } from 'node:test'
import type { Task } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'

onEachDatabase('a group of tasks', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  /** Members in one queue, and others of the same queue that belong to no group. */
  async function aGroup(members: number) {
    const group = randomUUID()
    const tasks = Array.from({ length: members }, () => ({ ...newTask('member', ['zoo']), group }))
    const queued = await engine.store.enqueue([...tasks, newTask('other', ['zoo'])])
    return { group, other: queued.at(-1) }
  }

  it('is counted in one look, whatever its members do', async () => {
    const { group } = await aGroup(4)
    for (let ended = 0; ended < 4; ended++) {
      assert.equal(sum(await engine.store.group(group)), 4)
      const task = await engine.claims.claim(worker)
      assert.ok(task)
      assert.deepEqual(await engine.store.group(group), { ...none, waiting: 3 - ended, running: 1, finished: ended })
      await engine.claims.finish(fenceOf(task), ended === 3 ? { state: 'error', error } : success)
    }
    assert.deepEqual(await engine.store.group(group), { ...none, finished: 3, error: 1 })
  })

  it('is in no list of tasks', async () => {
    const { other } = await aGroup(2)
    const listed = await Array.fromAsync(engine.store.list({ tags: [] }))
    assert.deepEqual(
      listed.map(({ id }) => id),
      [other?.id],
    )
  })

  it('is cancelled whole: what waits at once, what runs is told, and the queue goes on', async () => {
    const { group, other } = await aGroup(1_203)
    const running = await engine.claims.claim(worker)
    assert.ok(running)
    await engine.store.cancelGroup(group)
    assert.deepEqual(await engine.store.group(group), { ...none, running: 1, canceled: 1_202 })
    assert.equal(await engine.claims.claim(worker), undefined)
    await engine.claims.finish(fenceOf(running), { state: 'released' })
    assert.deepEqual(await engine.store.group(group), { ...none, canceled: 1_203 })
    assert.equal((await engine.claims.claim(worker))?.id, other?.id)
  })

  it('is cancelled in a race with workers, and none of its members starts afterwards', async () => {
    const group = randomUUID()
    await engine.store.enqueue(Array.from({ length: 60 }, () => ({ ...newTask('member'), group })))
    const claiming = engine.claimAll(worker)
    await engine.store.cancelGroup(group)
    const claimed: readonly Task[] = await claiming
    assert.equal(await engine.claims.claim(worker), undefined)
    for (const task of claimed) await engine.claims.finish(fenceOf(task), { state: 'released' })
    assert.deepEqual(await engine.store.group(group), { ...none, canceled: 60 })
  })

  it('without members does not exist, however it is named', async () => {
    for (const id of ['nonsense', '', randomUUID()]) {
      await assert.rejects(engine.store.group(id), { kind: 'not-found' })
      await assert.rejects(engine.store.cancelGroup(id), { kind: 'not-found' })
    }
  })
})

const none = { waiting: 0, accepted: 0, running: 0, finished: 0, error: 0, canceled: 0 }
const error = { kind: 'internal', message: 'broken', details: {}, trace: null } as const

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0)
}
