import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { coalesced } from './coalesced.ts'

describe('coalesced work', () => {
  it('runs once more for any number of calls during a run, never side by side', async () => {
    const runs: PromiseWithResolvers<void>[] = []
    const work = coalesced(() => {
      const run = Promise.withResolvers<void>()
      runs.push(run)
      return run.promise
    })
    const all = Promise.all([work(), work(), work()])
    assert.equal(runs.length, 1)
    const later = work()
    runs[0]?.resolve()
    await new Promise(setImmediate)
    assert.equal(runs.length, 2)
    runs[1]?.resolve()
    await Promise.all([all, later])
    assert.equal(runs.length, 2)
  })

  it('runs again when it is called after a run', async () => {
    let runs = 0
    const work = coalesced(async () => {
      runs++
    })
    await work()
    await work()
    assert.equal(runs, 2)
  })
})
