import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import type { Task } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'
import type { OpenDatabase } from '../connection.ts'
import { beginSession, isAlive } from './worker-sessions.ts'

onEachDatabase('claims', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  /** A task of `name`, claimed by a worker of its own. */
  async function claimed(name: string): Promise<{ task: Task; worker: TestWorker }> {
    const worker = await engine.worker()
    await engine.enqueue(name, ['A'])
    const task = await engine.claims.claim(worker)
    assert.ok(task)
    return { task, worker }
  }

  /** Sweeps until the lock of a worker that has just died is free and its task taken over. */
  async function recover(): Promise<void> {
    while ((await engine.claims.recoverDead()) === 0);
  }

  async function lockFree(worker: TestWorker): Promise<void> {
    while (await isAlive(engine.database, worker.session));
  }

  it('start a task under the name of the worker', async () => {
    const { task, worker } = await claimed('task')
    assert.deepEqual([task.state, task.attempt, task.worker], ['running', 1, worker.name])
    assert.ok(task.started)
  })

  it('keep the start of the first run when a task runs again', async () => {
    const { task, worker } = await claimed('task')
    await engine.claims.finish(fenceOf(task), { state: 'released' })
    assert.deepEqual((await engine.claims.claim(worker))?.started, task.started)
  })

  it('change nothing for a fence of an earlier attempt', async () => {
    const { task, worker } = await claimed('task')
    await engine.claims.finish(fenceOf(task), { state: 'released' })
    const again = await engine.claims.claim(worker)
    assert.equal(again?.attempt, 2)
    const stale = fenceOf(task)
    const end = { state: 'finished', result: 1, spawn: [newTask('child')] } as const
    await assert.rejects(engine.claims.finish(stale, end, { done: 1 }), { kind: 'cancelled' })
    await assert.rejects(engine.claims.finish(stale, { state: 'released' }), { kind: 'cancelled' })
    await assert.rejects(engine.claims.progress(stale, { done: 1 }), { kind: 'cancelled' })
    assert.deepEqual(await Array.fromAsync(engine.store.list({})), [again])
  })

  it('change nothing for a task that has ended', async () => {
    const { task } = await claimed('task')
    await engine.claims.finish(fenceOf(task), success)
    const before = await engine.store.get(task.id)
    await assert.rejects(engine.claims.finish(fenceOf(task), { state: 'released' }), { kind: 'cancelled' })
    await assert.rejects(engine.claims.progress(fenceOf(task), { done: 1 }), { kind: 'cancelled' })
    assert.deepEqual(await engine.store.get(task.id), before)
  })

  it('write progress, the last report together with the end', async () => {
    const { task } = await claimed('task')
    await engine.claims.progress(fenceOf(task), { done: 1 })
    assert.deepEqual((await engine.store.get(task.id)).progress, { done: 1 })
    await engine.claims.finish(fenceOf(task), success, { done: 2 })
    assert.deepEqual((await engine.store.get(task.id)).progress, { done: 2 })
  })

  it('accept reports with characters that the database cannot hold', async () => {
    const { task } = await claimed('task')
    const odd = { name: 'a\0b\ud800' }
    await engine.claims.progress(fenceOf(task), odd)
    await engine.claims.finish(fenceOf(task), { ...success, result: odd })
    const { progress, result } = await engine.store.get(task.id)
    assert.deepEqual([progress, result], [{ name: 'a\ufffdb\ufffd' }, { name: 'a\ufffdb\ufffd' }])
  })

  it('queue spawned tasks behind those that wait already, and name them in the parent', async () => {
    const { task, worker } = await claimed('sync')
    await engine.enqueue('waiting', ['A'])
    await engine.claims.finish(fenceOf(task), { ...success, spawn: [newTask('publish', ['A']), newTask('download')] })
    const listed = await Array.fromAsync(engine.store.list({}))
    assert.deepEqual(
      listed.map((one) => one.operation),
      ['sync', 'waiting', 'publish', 'download'],
    )
    assert.deepEqual(listed[0]?.spawned, [listed[2]?.id, listed[3]?.id])
    assert.deepEqual(
      (await engine.claimAll(worker)).map((one) => one.operation),
      ['waiting', 'download'],
    )
  })

  it('leave the tasks of living workers alone', async () => {
    const { task } = await claimed('task')
    assert.equal(await engine.claims.recoverDead(), 0)
    assert.equal((await engine.store.get(task.id)).state, 'running')
  })

  it('give the task of a dead worker to another one, before its successors', async () => {
    const { task, worker } = await claimed('first')
    await engine.enqueue('second', ['A'])
    await worker.die()
    await recover()
    const heir = await engine.worker()
    const [again, ...others] = await engine.claimAll(heir)
    assert.deepEqual([again?.id, again?.attempt, others], [task.id, 2, []])
  })

  it('give up on a task after the third death, and go on with its successors', async () => {
    const task = await engine.enqueue('deadly', ['A'])
    await engine.enqueue('next', ['A'])
    for (let death = 1; death <= 3; death++) {
      const worker = await engine.worker()
      assert.equal((await engine.claims.claim(worker))?.id, task.id)
      await worker.die()
      await recover()
    }
    const { state, error } = await engine.store.get(task.id)
    assert.equal(state, 'error')
    assert.deepEqual([error?.kind, error?.details], ['internal', { code: 'PLP0049', data: { task_id: task.id } }])
    assert.equal((await engine.claims.claim(await engine.worker()))?.operation, 'next')
  })

  it('do not count a return against a task', async () => {
    const worker = await engine.worker()
    const task = await engine.enqueue('task')
    for (let turn = 1; turn <= 5; turn++) {
      const again = await engine.claims.claim(worker)
      assert.equal(again?.attempt, turn)
      await engine.claims.finish(fenceOf(again), { state: 'released' })
    }
    assert.equal((await engine.store.get(task.id)).state, 'waiting')
  })

  it('take an error of a worker that lost its connection for a fault of the connection', async () => {
    const { task, worker } = await claimed('task')
    await worker.die()
    const error = { kind: 'internal', message: 'Connection terminated', details: {}, trace: null } as const
    await lockFree(worker)
    await engine.claims.finish(fenceOf(task), { state: 'error', error })
    const after = await engine.store.get(task.id)
    assert.deepEqual([after.state, after.error], ['waiting', null])
  })

  it('cancel a task whose worker died before it could stop', async () => {
    const { task, worker } = await claimed('task')
    await engine.store.cancel(task.id)
    await worker.die()
    await recover()
    assert.equal((await engine.store.get(task.id)).state, 'canceled')
  })

  it('take over although the dead worker left a transaction open on the task', async () => {
    const { task, worker } = await claimed('task')
    const zombie = await opened.pool.connect()
    const cut = new Promise((resolve) => zombie.on('error', resolve))
    await zombie.query('BEGIN')
    await zombie.query('SELECT id FROM task WHERE id = $1 FOR SHARE', [task.key])
    await worker.die()
    await recover()
    assert.equal((await engine.store.get(task.id)).state, 'waiting')
    await cut
    zombie.release(true)
  })

  it('cut off a worker that holds its lock but sends no heartbeat', async () => {
    const hung = new pg.Client({ connectionString: opened.url })
    const cut = new Promise((resolve) => hung.on('error', resolve))
    await hung.connect()
    const session = await beginSession(hung, ['hung@here'])
    const task = await engine.enqueue('task')
    assert.ok(await engine.claims.claim({ name: 'hung@here', session }))
    assert.equal(await engine.claims.recoverDead(), 0)
    await sql`UPDATE worker SET heartbeat = heartbeat - interval '16 seconds' WHERE session = ${session}`.execute(
      engine.database,
    )
    await recover()
    await cut
    assert.equal((await engine.store.get(task.id)).state, 'waiting')
  })
})
