import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { atGate } from './search-gate.ts'

describe('The gate of searches', () => {
  it('lets three through at a time, the others in their turn, whatever becomes of them', async () => {
    const database = {}
    const started: number[] = []
    const ends: (() => void)[] = []
    const work = (name: number) => () => {
      started.push(name)
      return new Promise<number>((resolve, reject) =>
        ends.push(() => (name === 0 ? reject(new Error('bad criteria')) : resolve(name))),
      )
    }
    const all = Promise.allSettled([0, 1, 2, 3, 4].map((name) => atGate(database, work(name))))
    assert.deepEqual(started, [0, 1, 2])
    assert.equal(await atGate({}, async () => 'another database'), 'another database')
    for (let ended = 0; ended < 5; ended += 1) {
      ends[ended]?.()
      await new Promise(setImmediate)
      assert.deepEqual(started.length, Math.min(5, ended + 4))
    }
    assert.deepEqual(
      (await all).map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'],
    )
    assert.equal(await atGate(database, async () => 'free again'), 'free again')
  })
})
