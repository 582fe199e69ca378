import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Task } from '../core/task.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { eventually } from '../testing/eventually.ts'
import { type RunningSlots, startSlots } from '../testing/slots.ts'
import { newTask, TestEngine } from '../testing/workers.ts'

onOneDatabase('worker slots', (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let running: RunningSlots | undefined
  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  afterEach(async () => {
    await running?.stop()
    running = undefined
  })
  after(() => engine.close())

  async function start(options: Parameters<typeof startSlots>[1] = {}): Promise<RunningSlots> {
    running = await startSlots(opened.url, options)
    return running
  }

  async function ended(task: Task): Promise<Task> {
    await eventually(async () => (await engine.store.get(task.id)).finished !== null)
    return engine.store.get(task.id)
  }

  const reports = (task: Task) => eventually(async () => (await engine.store.get(task.id)).progress['waiting'] === true)

  it('are forked for the first task, run it in another process and go when idle', async () => {
    const { slots } = await start({ idleMs: 20 })
    assert.deepEqual(slots.pids, [])
    const task = await ended(await engine.enqueue('process-id'))
    assert.equal(task.state, 'finished')
    assert.notEqual(task.result, process.pid)
    await eventually(() => slots.pids.length === 0)
    assert.equal((await ended(await engine.enqueue('process-id'))).state, 'finished')
  })

  it('are reused, and are as many as there are ready tasks but not more than allowed', async () => {
    const { slots } = await start({ slots: 2 })
    const first = await ended(await engine.enqueue('process-id', ['A']))
    const second = await ended(await engine.enqueue('process-id', ['A']))
    assert.deepEqual(slots.pids, [first.result])
    assert.equal(second.result, first.result)
    const waiting = await engine.store.enqueue([1, 2, 3].map(() => newTask('wait-for-abort')))
    await eventually(() => slots.pids.length === 2)
    await Promise.all(waiting.slice(0, 2).map(reports))
    assert.equal(slots.pids.length, 2)
    for (const task of waiting) await engine.store.cancel(task.id)
    for (const task of waiting) assert.equal((await ended(task)).state, 'canceled')
  })

  it('give their tasks back when they are stopped', async () => {
    const { stop } = await start()
    const task = await engine.enqueue('wait-for-abort', ['A'])
    await reports(task)
    running = undefined
    await stop()
    const after = await engine.store.get(task.id)
    assert.deepEqual([after.state, after.attempt], ['waiting', 1])
    assert.deepEqual(await deaths(task), 0)
  })

  it('die with an operation that ignores its cancel, whose task is then canceled', async () => {
    const { slots } = await start()
    const task = await engine.enqueue('ignore-abort')
    await reports(task)
    const [pid] = slots.pids
    await engine.store.cancel(task.id)
    assert.equal((await ended(task)).state, 'canceled')
    await eventually(() => !slots.pids.includes(pid ?? 0))
  })

  it('are killed when they cannot be stopped', async () => {
    const { slots, stop } = await start({ stopMs: 50 })
    const task = await engine.enqueue('ignore-abort')
    await reports(task)
    const [pid] = slots.pids
    assert.ok(pid)
    process.kill(pid, 'SIGSTOP')
    running = undefined
    await stop()
    assert.deepEqual(slots.pids, [])
  })

  it('take over from a slot that was killed', async () => {
    const { slots } = await start()
    const task = await engine.enqueue('wait-for-abort')
    await reports(task)
    await engine.database.deleteFrom('task_progress').execute()
    process.kill(slots.pids[0] ?? 0, 'SIGKILL')
    await reports(task)
    assert.equal((await engine.store.get(task.id)).attempt, 2)
    await engine.store.cancel(task.id)
    assert.equal((await ended(task)).state, 'canceled')
  })

  it('protect their parent from a task that eats memory, and the task ends with an error', async () => {
    await start({ heapMegabytes: 24, output: 'ignore', slots: 1 })
    const task = await ended(await engine.enqueue('eat-memory', ['A']))
    assert.deepEqual([task.state, task.attempt, task.error?.details.code], ['error', 3, 'PLP0049'])
    assert.equal((await ended(await engine.enqueue('process-id', ['A']))).state, 'finished')
  })

  it('give their tasks back when their parent dies', async () => {
    const entry = fileURLToPath(new URL('../testing/task-parent.ts', import.meta.url))
    const parent = fork(entry, { env: { ...process.env, TEST_DATABASE_URL: opened.url } })
    const task = await engine.enqueue('wait-for-abort')
    await reports(task)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await eventually(async () => (await engine.store.get(task.id)).state === 'waiting')
    assert.equal(await deaths(task), 0)
  })

  it('are not forked again and again when they cannot start', async () => {
    let deaths = 0
    let sweepsBetween = 0
    const log = { info() {}, warn: () => deaths++, error() {}, with: () => log }
    const claims = {
      countReady: async () => 1,
      recoverDead: async () => {
        if (deaths === 1 && running?.slots.pids.length === 0) sweepsBetween++
        return 0
      },
    }
    await start({ entry: '/no/such/entry.js', output: 'ignore', log, claims, slots: 1, sweepMs: 5 })
    await eventually(() => deaths === 2)
    assert.ok(sweepsBetween > 5, `forked again after ${sweepsBetween} sweeps`)
  })

  async function deaths(task: Task): Promise<number> {
    const query = engine.database.selectFrom('task').select('deaths').where('id', '=', task.key)
    return (await query.executeTakeFirstOrThrow()).deaths
  }
})
