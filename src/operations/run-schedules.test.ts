import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Log, silentLog } from '../core/log.ts'
import type { DueRun, DueSchedules } from '../core/schedule.ts'
import { PostgresDueSchedules } from '../database/schedules/postgres-due-schedules.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { hour, ScheduledRepositories } from '../testing/schedules.ts'
import { fenceOf, success, TestEngine, type TestWorker } from '../testing/workers.ts'
import { Scheduler } from './run-schedules.ts'

/** Nothing is due; what comes next is told. */
class Quiet implements DueSchedules {
  next: Date | undefined
  looks = 0

  async start(): Promise<readonly DueRun[]> {
    this.looks++
    return []
  }

  async nextDue(): Promise<Date | undefined> {
    return this.next
  }
}

function quietScheduler(log: Log = silentLog) {
  const [schedules, clock] = [new Quiet(), new ManualClock(hour(0))]
  return { schedules, clock, scheduler: new Scheduler({ schedules, clock, log }) }
}

const secondsAfter = (seconds: number) => new Date(hour(0).getTime() + seconds * 1000)

describe('The scheduler', () => {
  it('sleeps until the next moment, but never longer than 10 s', async () => {
    const { schedules, clock, scheduler } = quietScheduler()
    schedules.next = secondsAfter(4)
    scheduler.start()
    await clock.whenPausing(1)
    schedules.next = secondsAfter(3600)
    clock.moveTo(secondsAfter(4))
    await clock.whenPausing(1)
    schedules.next = undefined
    clock.moveTo(secondsAfter(14))
    await clock.whenPausing(1)
    await scheduler.stop()
    assert.deepEqual(clock.pauses, [4_000, 10_000, 10_000])
  })

  it('does not run hot while another process starts what is due', async () => {
    const { schedules, scheduler } = quietScheduler()
    schedules.next = secondsAfter(-5)
    assert.equal(await scheduler.look(), 100)
  })

  it('looks at once when it is woken, also while it looks', async () => {
    const { schedules, clock, scheduler } = quietScheduler()
    scheduler.start()
    scheduler.wake()
    await clock.whenPausing(1)
    assert.equal(schedules.looks, 2)
    scheduler.wake()
    await clock.whenPausing(1)
    assert.equal(schedules.looks, 3)
    await scheduler.stop()
  })

  it('stops in the middle of a pause, and looks no more', async () => {
    const { schedules, clock, scheduler } = quietScheduler()
    scheduler.start()
    await clock.whenPausing(1)
    await scheduler.stop()
    assert.equal(schedules.looks, 1)
  })

  it('goes on after an outage of the database, which it logs', async () => {
    const lines: unknown[] = []
    const log = { ...silentLog, warn: (message: string, fields?: unknown) => lines.push([message, fields]) }
    const { schedules, clock, scheduler } = quietScheduler(log)
    const { start } = schedules
    schedules.start = () => Promise.reject(new Error('connection refused'))
    scheduler.start()
    await clock.whenPausing(1)
    assert.deepEqual(lines, [['schedules could not be looked at; that comes again', { reason: 'connection refused' }]])
    schedules.start = start
    clock.moveTo(secondsAfter(10))
    await clock.whenPausing(1)
    await scheduler.stop()
    assert.deepEqual([schedules.looks, lines.length], [1, 1])
  })
})

onOneDatabase('schedulers on one database', (fresh) => {
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

  function startSchedulers(clock: ManualClock, count: number): readonly Scheduler[] {
    const all = Array.from({ length: count }, () => new Scheduler({ schedules: due, clock, log: silentLog }))
    for (const scheduler of all) scheduler.start()
    return all
  }

  /** Ends what was queued; returns how many there were. */
  async function work(): Promise<number> {
    const tasks = await engine.claimAll(worker)
    for (const task of tasks) await engine.claims.finish(fenceOf(task), success)
    return tasks.length
  }

  it('start each slot once, and those of a repository made meanwhile', async () => {
    await made.schedule()
    const clock = new ManualClock(hour(0))
    const schedulers = startSchedulers(clock, 5)
    await clock.whenPausing(5)
    assert.equal(await work(), 1)
    await made.schedule({ due: hour(0.001) })
    for (const [now, tasks] of [
      [hour(0.01), 1],
      [hour(1), 2],
      [hour(2.5), 2],
    ] as const) {
      clock.moveTo(now)
      await clock.whenPausing(5)
      assert.equal(await work(), tasks)
    }
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()))
  })

  it('make up for the time in which none ran with one run', async () => {
    const { owner, schedule } = await made.schedule()
    const clock = new ManualClock(hour(0))
    for (const count of [0, 24]) {
      clock.moveTo(hour(count))
      const [scheduler] = startSchedulers(clock, 1)
      await clock.whenPausing(1)
      assert.equal(await work(), 1)
      await scheduler?.stop()
    }
    const { totalRuns, due: next } = (await made.schedules.get(owner, schedule.key)) ?? {}
    assert.deepEqual([totalRuns, next], [2, hour(25)])
  })
})
