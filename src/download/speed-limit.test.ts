import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { JumpingClock, neverAborts } from '../testing/downloads.ts'
import { SpeedLimit } from './speed-limit.ts'

describe('a speed limit', () => {
  it('lets a moment of full speed pass, then waits for what is owed', async () => {
    const clock = new JumpingClock()
    const limit = new SpeedLimit(1000, clock)
    await limit.take(250, neverAborts)
    assert.deepEqual(clock.sleeps, [])
    await limit.take(1000, neverAborts)
    assert.deepEqual(clock.sleeps, [1000])
  })

  it('saves nothing up while nobody transfers', async () => {
    const clock = new JumpingClock()
    const limit = new SpeedLimit(1000, clock)
    await limit.take(10, neverAborts)
    await clock.sleep(60_000, neverAborts)
    await limit.take(1250, neverAborts)
    assert.deepEqual(clock.sleeps, [60_000, 1000])
  })

  it('never lets more pass than the time allows, but a burst', async () => {
    const chunks = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 50 })
    const property = fc.asyncProperty(chunks, fc.integer({ min: 1, max: 1_000_000 }), async (sizes, speed) => {
      const clock = new JumpingClock()
      const start = clock.now()
      const limit = new SpeedLimit(speed, clock)
      let passed = 0
      for (const size of sizes) {
        await limit.take(size, neverAborts)
        passed += size
        const allowed = ((clock.now() - start + 250) / 1000) * speed
        assert.ok(passed <= allowed * 1.000001 + 1, `${passed} bytes where ${allowed} are allowed`)
      }
    })
    await fc.assert(property)
  })
})
