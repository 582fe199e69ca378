import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import type { Task } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, TestEngine, type TestWorker } from '../../testing/workers.ts'
import type { OpenDatabase } from '../connection.ts'

const full = { operations: ['sync'], reason: 'the disk is full' }

onEachDatabase('tasks that are held back', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  const reasonOf = async (task: Task) => (await engine.store.get(task.id)).waitingReason

  /** A task that was claimed and given back for this reason. */
  async function released(name: string, reason: string): Promise<Task> {
    await engine.enqueue(name)
    const task = await engine.claims.claim(worker)
    assert.ok(task)
    await engine.claims.finish(fenceOf(task), { state: 'released', reason })
    return task
  }

  /** Lets the time pass for which a released task is held. */
  async function waitOut(task: Task): Promise<void> {
    await sql`UPDATE task SET held_until = clock_timestamp() WHERE id = ${task.key}`.execute(engine.database)
  }

  it('are passed over, told why, and claimed once nothing holds them', async () => {
    const sync = await engine.enqueue('sync')
    const publish = await engine.enqueue('publish')
    assert.equal(await engine.claims.countReady(9, full), 1)
    assert.deepEqual([await reasonOf(sync), await reasonOf(publish)], [full.reason, null])
    assert.equal((await engine.claims.claim(worker, full))?.id, publish.id)
    assert.equal(await engine.claims.claim(worker, full), undefined)
    const claimed = await engine.claims.claim(worker)
    assert.deepEqual([claimed?.id, claimed?.waitingReason], [sync.id, null])
  })

  it('are told why by a worker that finds nothing else to do', async () => {
    const sync = await engine.enqueue('sync')
    assert.equal(await engine.claims.claim(worker, full), undefined)
    assert.equal(await reasonOf(sync), full.reason)
  })

  it('lose the reason once it does not hold, though nobody claims them yet', async () => {
    const sync = await engine.enqueue('sync')
    await engine.claims.countReady(9, full)
    assert.equal(await engine.claims.countReady(9), 1)
    assert.equal(await reasonOf(sync), null)
  })

  it('do not get the reason while others of their queue are before them', async () => {
    const publish = await engine.enqueue('publish', ['repository:zoo'])
    const sync = await engine.enqueue('sync', ['repository:zoo'])
    assert.equal(await engine.claims.countReady(9, full), 1)
    assert.equal(await reasonOf(sync), `for repository:zoo, after task ${publish.id}`)
  })

  it('wait for a moment with all of their operation when they were given back with a reason, and died no death', async () => {
    const task = await released('sync', 'quota')
    const other = await engine.enqueue('sync')
    const publish = await engine.enqueue('publish')
    assert.deepEqual([await reasonOf(task), await reasonOf(other)], ['quota', null])
    assert.equal(await engine.claims.countReady(9), 1)
    assert.deepEqual(
      (await engine.claimAll(worker)).map(({ id }) => id),
      [publish.id],
    )
    assert.equal(await reasonOf(task), 'quota')
    await waitOut(task)
    assert.equal(await engine.claims.countReady(9), 2)
    const again = await engine.claims.claim(worker)
    assert.deepEqual([again?.id, again?.attempt, again?.waitingReason], [task.id, 2, null])
    const row = await engine.database.selectFrom('task').select('deaths').where('id', '=', task.key).executeTakeFirst()
    assert.equal(row?.deaths, 0)
  })

  it('are cancelled like all others', async () => {
    const task = await released('sync', 'quota')
    await engine.store.cancel(task.id)
    const { state, waitingReason } = await engine.store.get(task.id)
    assert.deepEqual([state, waitingReason], ['canceled', null])
  })
})
