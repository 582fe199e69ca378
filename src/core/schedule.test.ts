import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextRun } from './schedule.ts'

const now = new Date('2016-04-29T16:27:17Z')
const plan = { text: 'PT1H', firstRun: new Date('2016-04-29T10:00:00Z'), lastRun: null }

describe('The next run of a schedule', () => {
  it('is its start while that lies ahead, whether it ran before or not', () => {
    const firstRun = new Date('2016-05-01T00:00:00Z')
    for (const lastRun of [null, plan.firstRun]) assert.equal(nextRun({ ...plan, firstRun, lastRun }, now), firstRun)
  })

  it('is now as long as it never ran', () => {
    assert.equal(nextRun(plan, now), now)
  })

  it('is its next slot after that, however many it missed', () => {
    assert.equal(nextRun({ ...plan, lastRun: plan.firstRun }, now)?.toISOString(), '2016-04-29T17:00:00.000Z')
  })
})
