import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import { sha256Hex } from '../../core/digest.ts'
import type { Rope } from '../../core/rope.ts'
import { isUnusableSegments } from '../../core/segment.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { readRope } from './read-rope.ts'
import { SegmentedFileWriter } from './segmented-file-writer.ts'

describe('a file of segments', () => {
  const stores = suiteBlobs()

  function aWriter(copies = false, blobs: BlobStore = stores.store) {
    const { signal } = new AbortController()
    return new SegmentedFileWriter({ blobs, checksumType: 'sha512', copies, signal })
  }

  /** A part of a blob that is stored, with its CRC-32. */
  async function held(before: string, text: string): Promise<[Rope, number]> {
    const sha256 = await storeBlob(stores.store, `${before}${text} and more`)
    return [[{ sha256, offset: before.length, length: text.length }], crc32(text)]
  }

  async function read(rope: Rope): Promise<string> {
    return Buffer.concat(await Array.fromAsync(readRope(stores.store, rope))).toString()
  }

  it('is made of new pieces in one new blob and of parts of blobs that are there', async () => {
    const writer = aWriter()
    await writer.append(Buffer.from('head '))
    await writer.reuse(...(await held('xx', 'old ')))
    await writer.append(Buffer.from('new '))
    await writer.append(Buffer.from('newer'))
    const { made, rope, staged } = await writer.finish()
    assert.ok(staged !== undefined)
    await stores.store.commit([staged])
    assert.equal(await read(rope), 'head old new newer')
    assert.equal(await read([{ sha256: staged.sha256, offset: 0, length: staged.size }]), 'head new newer')
    assert.equal(rope.length, 3)
    const text = 'head old new newer'
    const checksum = createHash('sha512').update(text).digest('hex')
    assert.deepEqual(made, { sha256: sha256Hex(text), size: text.length, checksum })
  })

  it('has one part for pieces that lie behind each other, and none for empty ones', async () => {
    const sha256 = await storeBlob(stores.store, 'one two three')
    const writer = aWriter()
    await writer.reuse([{ sha256, offset: 0, length: 4 }], crc32('one '))
    await writer.append(Buffer.alloc(0))
    await writer.reuse([])
    await writer.reuse([{ sha256, offset: 4, length: 9 }], crc32('two three'))
    const { made, rope, staged } = await writer.finish()
    if (staged !== undefined) await stores.store.discard([staged])
    assert.deepEqual(rope, [{ sha256, offset: 0, length: 13 }])
    assert.equal(made.sha256, sha256)
  })

  it('writes old pieces again where it is told to', async () => {
    const writer = aWriter(true)
    await writer.reuse(...(await held('', 'a')))
    await writer.append(Buffer.from('b'))
    await writer.reuse(...(await held('yyy', 'c')))
    const { rope, staged } = await writer.finish()
    assert.ok(staged !== undefined)
    assert.deepEqual(rope, [{ sha256: sha256Hex('abc'), offset: 0, length: 3 }])
    await stores.store.discard([staged])
  })

  it('finds pieces that are damaged, cut off or gone, however they are cut into chunks', async () => {
    const bytes = randomBytes(300_000)
    const sha256 = await storeBlob(stores.store, bytes)
    const pieces = [bytes.subarray(0, 100), bytes.subarray(100, 200_000), bytes.subarray(200_000)]
    const sound = pieces.map((piece) => crc32(piece))
    const attempt = async (sums: readonly number[], name = sha256, last = 100_000) => {
      const writer = aWriter()
      try {
        await writer.reuse([{ sha256: name, offset: 0, length: 100 }], sums[0])
        await writer.reuse([{ sha256: name, offset: 100, length: 199_900 }], sums[1])
        await writer.reuse([{ sha256: name, offset: 200_000, length: last }], sums[2])
        return (await writer.finish()).made.sha256
      } finally {
        await writer.abort()
      }
    }
    assert.equal(await attempt(sound), sha256)
    for (const index of sound.keys()) await assert.rejects(attempt(sound.with(index, 1)), isUnusableSegments)
    await assert.rejects(attempt(sound, sha256, 100_001), isUnusableSegments)
    await assert.rejects(attempt(sound, sha256Hex('never stored')), isUnusableSegments)
  })

  it('leaves nothing behind when it is given up', async () => {
    const folder = await temporaryFolder()
    const writer = aWriter(false, await FileBlobStore.open(folder))
    for (let count = 0; count < 40; count += 1) await writer.append(randomBytes(64 * 1024))
    assert.equal((await readdir(join(folder, 'staging'))).length, 1)
    await writer.abort()
    await aWriter().abort()
    assert.deepEqual(await readdir(join(folder, 'staging')), [])
  })
})
