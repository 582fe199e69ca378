import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sideBySide } from './side-by-side.ts'

async function* numbers(count: number, onEnd: () => void = () => undefined): AsyncGenerator<number> {
  try {
    for (let number = 0; number < count; number += 1) yield number
  } finally {
    onEnd()
  }
}

describe('work side by side', () => {
  it('does each item once, as many at a time as there are lanes', async () => {
    const done: number[] = []
    let [now, most] = [0, 0]
    await sideBySide(numbers(20), 3, async (item) => {
      now += 1
      most = Math.max(most, now)
      await new Promise(setImmediate)
      now -= 1
      done.push(item)
    })
    assert.deepEqual(
      done.toSorted((left, right) => left - right),
      Array.from({ length: 20 }, (_, index) => index),
    )
    assert.equal(most, 3)
  })

  it('begins nothing after a failure, waits for what is under way, and closes the source', async () => {
    const begun: number[] = []
    let [ended, closed] = [false, false]
    const first = Promise.withResolvers<void>()
    const work = async (item: number) => {
      begun.push(item)
      await first.promise
      if (item === 1) throw new Error('the second')
      await new Promise(setImmediate)
      ended = true
    }
    const all = sideBySide(
      numbers(10, () => {
        closed = true
      }),
      2,
      work,
    )
    first.resolve()
    await assert.rejects(all, /the second/)
    assert.deepEqual([begun, ended, closed], [[0, 1], true, true])
  })

  it('fails as its source does', async () => {
    const broken = async function* (): AsyncGenerator<number> {
      yield 1
      throw new Error('no more')
    }
    await assert.rejects(
      sideBySide(broken(), 2, async () => undefined),
      /no more/,
    )
  })
})
