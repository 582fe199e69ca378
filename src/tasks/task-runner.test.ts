import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { cancelled, DeckleError } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { Task, TaskOperation, TaskRun } from '../core/task.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { assertFence } from '../database/fence.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { eventually } from '../testing/eventually.ts'
import { fenceOf, newTask, TestEngine } from '../testing/workers.ts'
import { type RunnerOptions, TaskRunner } from './task-runner.ts'

const name = 'reserved_resource_worker-0@here'

onEachDatabase('the task runner', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let control: ControlConnection
  let presence: PostgresWorkerPresence
  let operations: Record<string, TaskOperation>
  let runner: TaskRunner
  let running: Promise<void>

  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
  })
  beforeEach(async () => {
    await engine.database.deleteFrom('task').execute()
    operations = { quick: async () => ({}) }
    control = new ControlConnection(opened.url, silentLog)
    await control.open()
    presence = new PostgresWorkerPresence(control, [name])
  })
  afterEach(async () => {
    runner.stop()
    await running.catch(() => undefined)
    await presence.close()
    await control.close()
  })
  after(() => engine.close())

  async function start(options: Partial<RunnerOptions> = {}): Promise<void> {
    runner = new TaskRunner({ name, presence, claims: engine.claims, operations, log: silentLog, ...options })
    await presence.open(runner)
    running = runner.run()
  }

  /** An operation that tells when it runs and then waits for its abort. */
  function waits(): { operation: TaskOperation; started: Promise<TaskRun> } {
    const { promise, resolve } = Promise.withResolvers<TaskRun>()
    const operation: TaskOperation = (run) => {
      resolve(run)
      return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)))
    }
    return { operation, started: promise }
  }

  const ended = async (task: Task): Promise<Task> => {
    let now = task
    await eventually(async () => {
      now = await engine.store.get(task.id)
      return now.finished !== null
    })
    return now
  }

  it('runs what is queued and what is queued later, without waiting for its poll', async () => {
    const first = await engine.enqueue('quick')
    await start({ pollMs: 1_000_000 })
    assert.equal((await ended(first)).state, 'finished')
    assert.equal((await ended(await engine.enqueue('quick'))).state, 'finished')
  })

  it('finds tasks by its poll when notices are not heard', async () => {
    const deaf = { joined() {}, lost() {}, taskReady() {}, cancelRequested() {} }
    runner = new TaskRunner({ name, presence, claims: engine.claims, operations, log: silentLog, pollMs: 10 })
    await presence.open(deaf)
    running = runner.run()
    assert.equal((await ended(await engine.enqueue('quick'))).state, 'finished')
  })

  it('keeps result, last progress and spawned tasks of an operation', async () => {
    operations['sync'] = async ({ progress, task }) => {
      for (let done = 1; done <= 50; done++) progress({ done, of: task.arguments })
      return { result: { added: 3 }, spawn: [newTask('quick')] }
    }
    await start()
    const task = await ended(await engine.enqueue('sync'))
    assert.deepEqual(task.progress, { done: 50, of: {} })
    assert.deepEqual(task.result, { added: 3 })
    assert.equal(task.worker, name)
    assert.equal(task.spawned.length, 1)
    assert.equal((await ended(await engine.store.get(task.spawned[0] ?? ''))).state, 'finished')
  })

  it('ends a task with the error that its operation throws', async () => {
    operations['known'] = () => Promise.reject(new DeckleError('upstream', 'it is gone', { code: 'http_status' }))
    operations['unknown'] = () => Promise.reject(new TypeError('x is not a function'))
    await start()
    const known = await ended(await engine.enqueue('known'))
    assert.equal(known.state, 'error')
    assert.deepEqual(known.error, {
      kind: 'upstream',
      message: 'it is gone',
      details: { code: 'http_status' },
      trace: null,
    })
    const unknown = await ended(await engine.enqueue('unknown'))
    assert.equal(unknown.error?.kind, 'internal')
    assert.match(unknown.error?.trace ?? '', /TypeError: x is not a function/)
  })

  it('ends a task of an operation that it does not know with an error', async () => {
    await start()
    const task = await ended(await engine.enqueue('toString'))
    assert.equal(task.state, 'error')
    assert.match(task.error?.message ?? '', /'toString'/)
  })

  it('takes a cancelled operation for an error when nobody asked for the cancel', async () => {
    operations['shy'] = () => Promise.reject(cancelled())
    await start()
    assert.equal((await ended(await engine.enqueue('shy'))).state, 'error')
  })

  it('stops a running task that is cancelled, whatever the operation then throws', async () => {
    const { operation, started } = waits()
    operations['wait'] = (run) =>
      operation(run).catch(() => {
        throw new Error('the socket hung up')
      })
    await start({ pollMs: 1_000_000 })
    const task = await engine.enqueue('wait')
    const run = await started
    await engine.store.cancel(task.id)
    const after = await ended(task)
    assert.deepEqual([after.state, after.error], ['canceled', null])
    assert.equal(run.interrupted, false)
  })

  it('gives its task back when it is stopped', async () => {
    const { operation, started } = waits()
    operations['wait'] = operation
    await start()
    const task = await engine.enqueue('wait')
    const run = await started
    runner.stop()
    await running
    assert.equal(run.interrupted, true)
    assert.equal((await engine.store.get(task.id)).state, 'waiting')
    assert.equal(await engine.claims.countReady(1), 1)
  })

  it('retires when it has nothing to do, but not in the middle of a task', async () => {
    const { operation, started } = waits()
    operations['wait'] = operation
    await start({ pollMs: 1_000_000 })
    const task = await engine.enqueue('wait')
    await started
    runner.retire()
    await engine.store.cancel(task.id)
    await running
    assert.equal((await engine.store.get(task.id)).state, 'canceled')
  })

  it('tells when it is idle and when it is busy', async () => {
    const states: string[] = []
    await engine.enqueue('quick')
    await start({ idle: () => states.push('idle'), busy: () => states.push('busy') })
    await eventually(() => states.length > 0)
    await ended(await engine.enqueue('quick'))
    await eventually(() => states.length > 2)
    assert.deepEqual(states.slice(0, 3), ['idle', 'busy', 'idle'])
  })

  it('aborts its task and may not write for it when its liveness lock is lost, then works on', async () => {
    const { operation, started } = waits()
    const stopped = Promise.withResolvers<unknown>()
    const goOn = Promise.withResolvers<void>()
    operations['wait'] = async (run) => {
      if (run.task.attempt > 1) return {}
      stopped.resolve(await operation(run).catch((error: unknown) => error))
      await goOn.promise
      return {}
    }
    await start()
    const task = await engine.enqueue('wait')
    const run = await started
    control.drop()
    assert.ok((await stopped.promise) instanceof DeckleError)
    assert.equal(run.interrupted, true)
    await eventually(async () => (await engine.claims.recoverDead()) === 1)
    const heir = await engine.claims.claim(await engine.worker())
    assert.equal(heir?.id, task.id)
    const write = engine.database.transaction().execute((transaction) => assertFence(transaction, run.fence))
    await assert.rejects(write, { kind: 'cancelled' })
    goOn.resolve()
    await engine.claims.finish(fenceOf(heir), { state: 'released' })
    const after = await ended(task)
    assert.deepEqual([after.state, after.attempt], ['finished', 3])
  })

  it('ends when an operation ignores its abort, after it has given the task up', async () => {
    const started = Promise.withResolvers<void>()
    operations['deaf'] = () => {
      started.resolve()
      return new Promise(() => undefined)
    }
    await start({ graceMs: 20 })
    const task = await engine.enqueue('deaf')
    await started.promise
    await engine.store.cancel(task.id)
    await assert.rejects(running, /'deaf' did not stop within 20 ms/)
    assert.equal((await engine.store.get(task.id)).state, 'canceled')
  })

  it('ends when the end of a task cannot be written', async () => {
    const claims = {
      claim: engine.claims.claim.bind(engine.claims),
      finish: () => Promise.reject(new Error('the database is gone')),
      progress: () => Promise.resolve(),
      countReady: () => Promise.resolve(0),
      recoverDead: () => Promise.resolve(0),
    }
    await engine.enqueue('quick')
    await start({ claims, endMs: 20 })
    await assert.rejects(running, /the database is gone/)
  })
})
