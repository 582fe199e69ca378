// Runs in a process of its own: it stops the clock.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readiness } from './readiness.ts'
import { sharedLook } from './shared-look.ts'

describe('a readiness check', () => {
  it('that never answers is called late, and those who ask meanwhile share it', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    let looks = 0
    const ask = readiness({
      database: () => {
        looks++
        return new Promise<undefined>(() => undefined)
      },
    })
    const answers = [ask(), ask()]
    context.mock.timers.tick(2_000)
    for (const answer of answers) {
      assert.deepEqual(await answer, { ready: false, checks: { database: 'no answer within 2 s' } })
    }
    assert.equal(looks, 1)
  })
})

describe('a shared look', () => {
  it('is taken again by whoever asks after it has grown old', async () => {
    let looks = 0
    const young = sharedLook(60_000, async () => ++looks)
    assert.deepEqual([await young(), await young()], [1, 1])
    const old = sharedLook(0, async () => ++looks)
    assert.deepEqual([await old(), await old()], [2, 3])
  })

  it('that fails is not taken for an answer to those who come later', async () => {
    let looks = 0
    const ask = sharedLook(0, async () => {
      if (++looks === 1) throw new Error('once')
      return looks
    })
    await assert.rejects(ask())
    assert.equal(await ask(), 2)
  })
})
