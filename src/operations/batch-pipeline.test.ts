import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BatchPipeline } from './batch-pipeline.ts'

interface Journal {
  readonly stored: number[]
  mostAtOnce: number
}

/** A pipeline over numbers; `release` lets the fetch of a batch end. */
function aPipeline(options: { depth?: number; failStoreOf?: number } = {}) {
  const journal: Journal = { stored: [], mostAtOnce: 0 }
  const gates = new Map<number, PromiseWithResolvers<void>>()
  let fetching = 0
  const pipeline = new BatchPipeline<number, number>(
    {
      async fetch(batch) {
        fetching += 1
        journal.mostAtOnce = Math.max(journal.mostAtOnce, fetching)
        const gate = Promise.withResolvers<void>()
        gates.set(batch, gate)
        await gate.promise
        fetching -= 1
        return batch
      },
      async store(fetched) {
        if (fetched === options.failStoreOf) throw new Error(`cannot store ${fetched}`)
        journal.stored.push(fetched)
      },
    },
    options.depth,
  )
  return { pipeline, journal, release: (batch: number) => gates.get(batch)?.resolve() }
}

describe('a batch pipeline', () => {
  it('stores in the order of the pushes, whatever is fetched first', async () => {
    const { pipeline, journal, release } = aPipeline()
    for (const batch of [1, 2, 3]) await pipeline.push(batch)
    for (const batch of [3, 2, 1]) release(batch)
    await pipeline.drain()
    assert.deepEqual(journal.stored, [1, 2, 3])
  })

  it('lets the producer wait when it is full', async () => {
    const { pipeline, journal, release } = aPipeline({ depth: 2 })
    await pipeline.push(1)
    await pipeline.push(2)
    const third = pipeline.push(3)
    release(1)
    await third
    release(2)
    release(3)
    await pipeline.drain()
    assert.equal(journal.mostAtOnce, 2)
    assert.deepEqual(journal.stored, [1, 2, 3])
  })

  it('stores nothing after a failure', async () => {
    const { pipeline, journal, release } = aPipeline({ failStoreOf: 2 })
    for (const batch of [1, 2, 3]) await pipeline.push(batch)
    for (const batch of [1, 2, 3]) release(batch)
    await assert.rejects(pipeline.drain(), /cannot store 2/)
    await pipeline.settle()
    assert.deepEqual(journal.stored, [1])
  })
})
