import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { Plugins } from '../core/plugin.ts'
import type { Schedule, ScheduleOwner } from '../core/schedule.ts'
import { PostgresDueSchedules } from '../database/schedules/postgres-due-schedules.ts'
import { onOneDatabase } from '../testing/databases.ts'
import { hour, ScheduledRepositories } from '../testing/schedules.ts'
import { stubPlugin } from '../testing/stub-plugin.ts'
import { changeSchedule, createSchedule, type ScheduleChange, type ScheduleServices } from './manage-schedules.ts'
import { scheduledTask } from './run-schedules.ts'

onOneDatabase('a schedule', (fresh) => {
  let made: ScheduledRepositories
  let services: ScheduleServices
  let due: PostgresDueSchedules
  before(async () => {
    const { database } = await fresh.open()
    made = new ScheduledRepositories(database)
    due = new PostgresDueSchedules(database)
    services = { plugins: new Plugins([stubPlugin]), ...made }
  })

  /** A schedule made at midnight. */
  async function create(text: string, more: ScheduleChange = {}) {
    const { importer: owner } = await made.repository()
    return { owner, schedule: await createSchedule(services, owner, { ...more, text }, hour(0)) }
  }

  function change(
    { owner, schedule }: { owner: ScheduleOwner; schedule: Schedule },
    change: ScheduleChange,
    now: Date,
  ) {
    return changeSchedule(services, owner, schedule.key, change, now)
  }

  /** Starts what is due, so that it has run. */
  const run = (now: Date) => due.start(now, scheduledTask)

  it('without a start is due at once', async () => {
    const { schedule } = await create('PT1H')
    assert.deepEqual([schedule.firstRun, schedule.due, schedule.remainingRuns], [hour(0), hour(0), null])
  })

  it('with a start that is over is due at once, and keeps to the slots of its start', async () => {
    const one = await create('R4/2016-04-01T00:30:00Z/PT1H')
    assert.deepEqual([one.schedule.due, one.schedule.remainingRuns], [hour(0), 4])
    await run(hour(0))
    assert.deepEqual((await made.schedules.get(one.owner, one.schedule.key))?.due, hour(0.5))
  })

  it('with a start that is to come, or a time of day, is due then', async () => {
    assert.deepEqual((await create('2016-04-29T05:00:00Z/PT1H')).schedule.due, hour(5))
    assert.deepEqual((await create('05:00:00Z/P1D')).schedule.due, hour(5))
  })

  it('is not made of what is no interval', async () => {
    await assert.rejects(async () => create('daily'), {
      kind: 'invalid',
      details: { fields: ['schedule'], fault: 'invalid' },
    })
  })

  it('with a new interval is counted anew, but for its counters', async () => {
    const one = await create('R2/PT1H')
    await run(hour(0))
    const changed = await change(one, { text: 'R7/PT2H' }, hour(0.25))
    assert.deepEqual([changed.firstRun, changed.due], [hour(0.25), hour(2.25)])
    assert.deepEqual([changed.remainingRuns, changed.totalRuns, changed.lastRun], [7, 1, hour(0)])
    assert.equal((await change(one, { text: 'PT2H' }, hour(0.25))).remainingRuns, null)
  })

  it('that never ran is due at once with a new interval without a start', async () => {
    const one = await create('2016-04-30T00:00:00Z/PT1H')
    assert.deepEqual((await change(one, { text: 'PT2H' }, hour(1))).due, hour(1))
  })

  it('stays due when something else is changed', async () => {
    const one = await create('PT1H')
    const changed = await change(one, { failureThreshold: 3, overrides: { a: 1 }, enabled: true }, hour(7))
    assert.deepEqual([changed.due, changed.failureThreshold, changed.overrides], [hour(0), 3, { a: 1 }])
  })

  it('that is enabled again does not make up for what it missed', async () => {
    const one = await create('PT1H')
    await run(hour(0))
    await change(one, { enabled: false }, hour(0.5))
    assert.deepEqual((await change(one, { enabled: true }, hour(9.5))).due, hour(10))
  })

  it('that had come to its end has all its runs again when it is enabled', async () => {
    const one = await create('R1/PT1H')
    await run(hour(0))
    const ended = await made.schedules.get(one.owner, one.schedule.key)
    assert.deepEqual([ended?.enabled, ended?.remainingRuns], [false, 0])
    const revived = await change(one, { enabled: true }, hour(1.5))
    assert.deepEqual([revived.enabled, revived.remainingRuns, revived.due], [true, 1, hour(2)])
  })
})
