import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import type { RunEnd } from '../../core/task-worker.ts'
import { scheduledTask } from '../../operations/run-schedules.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { hour, ScheduledRepositories } from '../../testing/schedules.ts'
import { fenceOf, success, TestEngine, type TestWorker } from '../../testing/workers.ts'
import { PostgresDueSchedules } from './postgres-due-schedules.ts'

const failure: RunEnd = {
  state: 'error',
  error: { kind: 'upstream', message: 'no upstream', details: {}, trace: null },
}

onEachDatabase('due schedules', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  let made: ScheduledRepositories
  let due: PostgresDueSchedules
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
    made = new ScheduledRepositories(engine.database)
    due = new PostgresDueSchedules(engine.database)
  })
  beforeEach(async () => {
    await engine.database.deleteFrom('task').execute()
    await engine.database.deleteFrom('repository').execute()
  })
  after(() => engine.close())

  const start = (now: Date) => due.start(now, scheduledTask)

  /** Starts what is due and ends its task in this way; false when nothing was started. */
  async function run(now: Date, end: RunEnd = success): Promise<boolean> {
    const [first] = await start(now)
    if (first?.task == null) return false
    const task = await engine.claims.claim(worker)
    assert.ok(task)
    await engine.claims.finish(fenceOf(task), end)
    return true
  }

  it('queue the task that somebody who asks for it would get', async () => {
    const { id, importer, distributor } = await made.repository()
    const state = { text: 'PT1H', enabled: true, failureThreshold: null, firstRun: hour(0), remainingRuns: null }
    await made.schedules.create(importer, { ...state, overrides: { feed: 'x' }, due: hour(0) })
    await made.schedules.create(distributor, { ...state, overrides: { http: true }, due: hour(0.5) })
    const [sync, publish] = (await start(hour(1))).map(({ task }) => task)
    assert.deepEqual(sync?.arguments, { repository: id, override: { feed: 'x' } })
    assert.deepEqual([sync?.operation, sync?.tags], ['sync-repository', [`repository:${id}`, 'action:sync']])
    assert.deepEqual(publish?.arguments, { repository: id, distributor: 'web', override: { http: true } })
    assert.deepEqual([publish?.operation, publish?.resources], ['publish-repository', [`repository:${id}`]])
  })

  it('wait for their moment, and tell when that is', async () => {
    await made.schedule({ due: hour(2) })
    await made.schedule({ due: hour(1) })
    await made.schedule({ due: hour(0.5), enabled: false })
    await made.schedule({ due: null })
    assert.deepEqual(await due.nextDue(), hour(1))
    assert.deepEqual(await start(hour(0.9)), [])
    assert.equal((await start(hour(1))).length, 1)
    assert.deepEqual(await due.nextDue(), hour(2))
  })

  it('are none where there are no schedules', async () => {
    assert.equal(await due.nextDue(), undefined)
    assert.deepEqual(await start(hour(0)), [])
  })

  it('count their runs', async () => {
    const { owner, schedule } = await made.schedule()
    assert.ok(await run(hour(0)))
    const once = { ...schedule, totalRuns: 1, lastRun: hour(0), due: hour(1) }
    assert.deepEqual(await made.schedules.get(owner, schedule.key), once)
    assert.equal(await run(hour(0.9)), false)
    assert.ok(await run(hour(1)))
    assert.equal((await made.schedules.get(owner, schedule.key))?.totalRuns, 2)
  })

  it('make up for missed slots with one run, and keep to their slots', async () => {
    const { owner, schedule } = await made.schedule()
    assert.ok(await run(hour(7.3)))
    assert.equal(await run(hour(7.9)), false)
    const { totalRuns, due: next } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.deepEqual([totalRuns, next], [1, hour(8)])
  })

  it('end after as many runs as they may have', async () => {
    const { owner, schedule } = await made.schedule({ text: 'R3/PT1H', remainingRuns: 3 })
    for (const count of [0, 1, 2]) {
      assert.equal((await made.schedules.get(owner, schedule.key))?.enabled, true)
      assert.ok(await run(hour(count)))
    }
    assert.equal(await run(hour(3)), false)
    const { enabled, remainingRuns, totalRuns } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.deepEqual({ enabled, remainingRuns, totalRuns }, { enabled: false, remainingRuns: 0, totalRuns: 3 })
  })

  it('are started once by any number of processes', async () => {
    await Promise.all(Array.from({ length: 4 }, () => made.schedule()))
    for (const count of [0, 1, 2]) {
      const runs = (await Promise.all(Array.from({ length: 5 }, () => start(hour(count))))).flat()
      assert.equal(runs.filter(({ task }) => task !== null).length, 4)
      for (const task of await engine.claimAll(worker)) await engine.claims.finish(fenceOf(task), success)
    }
  })

  it('pass a slot over while the task before is waiting or running', async () => {
    const { owner, schedule } = await made.schedule({ text: 'R9/PT1H', remainingRuns: 9 })
    const [first] = await start(hour(0))
    assert.equal((await start(hour(1)))[0]?.task, null)
    const task = await engine.claims.claim(worker)
    assert.equal(task?.id, first?.task?.id)
    assert.equal((await start(hour(2)))[0]?.task, null)
    const { totalRuns, remainingRuns, lastRun, due: next } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.deepEqual([totalRuns, remainingRuns, lastRun, next], [1, 8, hour(0), hour(3)])
    assert.ok(task)
    await engine.claims.finish(fenceOf(task), success)
    assert.ok(await run(hour(3)))
  })

  it('are disabled after as many failures in a row as they may have, and a success takes those back', async () => {
    const { owner, schedule } = await made.schedule({ failureThreshold: 2 })
    const look = async () => {
      const { consecutiveFailures, enabled } = (await made.schedules.get(owner, schedule.key)) ?? {}
      return [consecutiveFailures, enabled]
    }
    assert.ok(await run(hour(0), failure))
    assert.deepEqual(await look(), [1, true])
    assert.ok(await run(hour(1), success))
    assert.deepEqual(await look(), [0, true])
    assert.ok(await run(hour(2), failure))
    assert.ok(await run(hour(3), failure))
    assert.deepEqual(await look(), [2, false])
    assert.equal(await run(hour(4)), false)
  })

  it('go on for ever without such a threshold', async () => {
    const { owner, schedule } = await made.schedule()
    for (const count of [0, 1, 2, 3]) assert.ok(await run(hour(count), failure))
    assert.equal((await made.schedules.get(owner, schedule.key))?.consecutiveFailures, 4)
  })

  it('take a cancelled task neither for a failure nor for a success', async () => {
    const { owner, schedule } = await made.schedule({ failureThreshold: 2 })
    assert.ok(await run(hour(0), failure))
    const [waiting] = await start(hour(1))
    await engine.store.cancel(waiting?.task?.id ?? '')
    const [running] = await start(hour(2))
    const task = await engine.claims.claim(worker)
    assert.ok(task)
    await engine.store.cancel(running?.task?.id ?? '')
    await engine.claims.finish(fenceOf(task), { state: 'released' })
    const { consecutiveFailures, enabled } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.deepEqual([consecutiveFailures, enabled], [1, true])
    assert.ok(await run(hour(3), failure))
    assert.equal((await made.schedules.get(owner, schedule.key))?.enabled, false)
  })

  it('leave nothing behind when the task cannot be queued', async () => {
    const { owner, schedule } = await made.schedule()
    const broken = { ...scheduledTask(schedule.target, {}), tags: ['\0'] }
    await assert.rejects(due.start(hour(0), () => broken))
    assert.deepEqual(await made.schedules.get(owner, schedule.key), schedule)
    assert.ok(await run(hour(0)))
  })

  it('may be deleted while their task runs', async () => {
    const { owner, schedule } = await made.schedule()
    await start(hour(0))
    const task = await engine.claims.claim(worker)
    assert.ok(task)
    await made.schedules.delete(owner, schedule.key)
    await engine.claims.finish(fenceOf(task), failure)
    assert.equal((await engine.store.get(task.id)).state, 'error')
  })

  it('start and end side by side without waiting for each other in a circle', async () => {
    const { owner, schedule } = await made.schedule({ text: 'PT1S' })
    for (let second = 0; second < 30; second++) {
      const now = new Date(hour(0).getTime() + second * 1000)
      const end = async () => {
        const task = await engine.claims.claim(worker)
        if (task !== undefined) await engine.claims.finish(fenceOf(task), failure)
      }
      await Promise.all([start(now), end(), start(now), end()])
    }
    const { consecutiveFailures = 0, totalRuns = 0 } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.ok(consecutiveFailures > 0 && totalRuns - consecutiveFailures <= 1)
  })
})
