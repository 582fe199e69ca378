import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import { suiteBlobs } from '../../testing/suite-blobs.ts'
import { PieceStager } from './piece-stager.ts'

describe('a blob that comes in pieces', () => {
  const stores = suiteBlobs()
  const { signal } = new AbortController()

  it('is staged as the pieces one after the other', async () => {
    const stager = new PieceStager(stores.store, signal)
    for (const piece of ['a', '', 'bc']) await stager.push(Buffer.from(piece))
    assert.equal(stager.size, 3)
    const staged = (await stager.finish()) ?? assert.fail()
    assert.deepEqual([staged.sha256, staged.size], [sha256Hex('abc'), 3])
    await stores.store.discard([staged])
  })

  it('is none without a piece', async () => {
    const stager = new PieceStager(stores.store, signal)
    assert.equal(await stager.finish(), undefined)
  })

  it('fails whoever pushes when the store does, and does not hang', async () => {
    const full = { stage: async () => Promise.reject(new Error('the disk is full')) }
    const stager = new PieceStager(full, signal)
    const pushing = async () => {
      for (;;) await stager.push(Buffer.alloc(1024 * 1024))
    }
    await assert.rejects(pushing(), /the disk is full/)
    await assert.rejects(stager.finish(), /the disk is full/)
    await stager.abort()
  })
})
