import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import type { FileBlobStore } from '../../blobs/file-blob-store.ts'
import { sha256Hex } from '../../core/digest.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { readWhole } from './read-whole.ts'

describe('readWhole', () => {
  const held = suiteBlobs()
  let blobs: FileBlobStore

  before(() => {
    blobs = held.store
  })

  const part = async (content: string, offset = 0, length = content.length) => ({
    sha256: await storeBlob(blobs, content),
    offset,
    length,
  })

  it('reads a part of a blob', async () => {
    assert.equal((await readWhole(blobs, [await part('in the middle', 3, 3)])).toString(), 'the')
  })

  it('joins parts, and makes nothing of none', async () => {
    assert.equal((await readWhole(blobs, [await part('one '), await part('two')])).toString(), 'one two')
    assert.equal((await readWhole(blobs, [])).length, 0)
  })

  it('says that a blob is not stored', async () => {
    const missing = { sha256: sha256Hex('never stored'), offset: 0, length: 5 }
    await assert.rejects(readWhole(blobs, [missing]), { kind: 'not-found' })
  })

  it('gives no shorter file when a blob has lost bytes, and leaves none open', async () => {
    const cut = await part('whole before')
    await truncate(blobs.path(cut.sha256), 5)
    const open = readdirSync('/proc/self/fd').length
    for (let count = 0; count < 20; count++) await assert.rejects(readWhole(blobs, [cut]), /check the blob store/)
    assert.ok(readdirSync('/proc/self/fd').length < open + 10)
  })
})
