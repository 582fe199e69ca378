import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pace } from './pace.ts'

describe('the pace of a body', () => {
  it('is too slow when less than a KiB came in the time that was waited', () => {
    const pace = new Pace(1_000)
    pace.came(1_023)
    assert.equal(pace.isDripping(999), false)
    assert.equal(pace.isDripping(1), true)
  })

  it('is measured anew after each such time', () => {
    const pace = new Pace(1_000)
    pace.came(1_000_000)
    assert.equal(pace.isDripping(1_000), false)
    pace.came(10)
    assert.equal(pace.isDripping(1_000), true)
  })

  it('counts only the time in which somebody waited', () => {
    const pace = new Pace(1_000)
    for (let waits = 0; waits < 9; waits += 1) assert.equal(pace.isDripping(100), false)
    assert.equal(pace.isDripping(100), true)
  })

  it('may be any where silence may last', () => {
    assert.equal(new Pace(0).isDripping(1_000_000), false)
  })
})
