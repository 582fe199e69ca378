import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import type { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { PublishedFile } from '../../core/publication.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { HotFiles } from './hot-files.ts'

describe('HotFiles', () => {
  const held = suiteBlobs()
  let blobs: FileBlobStore

  before(() => {
    blobs = held.store
  })

  const stored = async (content: string): Promise<PublishedFile> => {
    const sha256 = await storeBlob(blobs, content)
    const size = content.length
    return { size, sha256, mediaType: null, rope: [{ sha256, offset: 0, length: size }], lastModified: new Date(0) }
  }

  it('admits a file with its second request within a minute', async () => {
    const hot = new HotFiles(blobs)
    const file = await stored('admitted')
    assert.equal(hot.admits(file, 0), false)
    assert.equal(hot.admits(file, 60_001), false)
    assert.equal(hot.admits(file, 120_001), true)
  })

  it('never admits a large file', async () => {
    const hot = new HotFiles(blobs, { fileBytes: 3 })
    const file = await stored('large')
    assert.equal(hot.admits(file, 0), false)
    assert.equal(hot.admits(file, 1), false)
  })

  it('keeps a loaded body, up to its limit', async () => {
    const hot = new HotFiles(blobs, { bytes: 10 })
    const [one, other] = [await stored('one 67'), await stored('two 67')]
    assert.equal((await hot.load(one)).toString(), 'one 67')
    assert.equal(hot.get(one)?.toString(), 'one 67')
    await hot.load(other)
    assert.equal(hot.get(one), undefined)
    assert.equal(hot.get(other)?.toString(), 'two 67')
  })

  it('joins a rope', async () => {
    const [one, other, whole] = [await stored('abc'), await stored('def'), await stored('bcd')]
    const rope = [
      { sha256: one.sha256, offset: 1, length: 2 },
      { sha256: other.sha256, offset: 0, length: 1 },
    ]
    assert.equal((await new HotFiles(blobs).load({ ...whole, rope })).toString(), 'bcd')
  })

  it('does not keep damaged bytes, and takes them again after the repair', async () => {
    const hot = new HotFiles(blobs)
    const file = await stored('right')
    await truncate(blobs.path(file.sha256), 0)
    await assert.rejects(hot.load(file), /check the blob store/)
    await writeFile(blobs.path(file.sha256), 'wrong')
    await assert.rejects(hot.load(file), /damaged/)
    assert.equal(hot.get(file), undefined)
    await writeFile(blobs.path(file.sha256), 'right')
    assert.equal((await hot.load(file)).toString(), 'right')
  })
})
