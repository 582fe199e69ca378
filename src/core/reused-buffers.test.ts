import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ReusedBuffers } from './reused-buffers.ts'

describe('buffers that are used again', () => {
  it('hold the joined bytes for as long as they are used, however many uses overlap', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 100_000, size: 'max' }), { maxLength: 3 })
    const property = fc.asyncProperty(fc.array(pieces, { maxLength: 6 }), fc.scheduler(), async (all, scheduler) => {
      const buffers = new ReusedBuffers()
      const uses = all.map((some) =>
        buffers.joined(some, async (bytes) => {
          await scheduler.schedule(Promise.resolve())
          return Buffer.from(bytes)
        }),
      )
      await scheduler.waitAll()
      const found = await Promise.all(uses)
      assert.deepEqual(
        found,
        all.map((some) => Buffer.concat(some)),
      )
    })
    await fc.assert(property, { numRuns: 30 })
  })

  it('are the same memory for uses after each other, also after one that failed', async () => {
    const buffers = new ReusedBuffers()
    const seen: ArrayBufferLike[] = []
    const use = (size: number) =>
      buffers.joined([Buffer.alloc(size)], async (bytes) => {
        seen.push(bytes.buffer)
        if (size === 2) throw new Error('failed')
      })
    await use(1)
    await assert.rejects(use(2), /failed/)
    await use(60_000)
    await use(70_000)
    await use(130_000)
    await use(3)
    assert.equal(new Set(seen).size, 2)
    assert.equal(seen[0], seen[2])
    assert.equal(seen[3], seen[5])
  })
})
