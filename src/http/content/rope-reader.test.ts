import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import { type Rope, sliceRope } from '../../core/rope.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { RopeReader } from './rope-reader.ts'

const sizes = [1, 7, 100, 70_000, 600_000]

for (const kind of ['disk', 'network'] as const) {
  describe(`RopeReader, blobs on a ${kind}`, () => {
    const held = suiteBlobs()
    let store: FileBlobStore
    let blobs: BlobStore
    let contents: { sha256: string; bytes: Buffer }[]

    before(async () => {
      store = held.store
      blobs = kind === 'disk' ? store : withoutPaths(store)
      contents = []
      for (const size of sizes) {
        const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + size) % 251))
        contents.push({ sha256: await storeBlob(store, bytes), bytes })
      }
    })

    it('reads any range of any rope as that slice of the whole', async () => {
      const part = fc
        .record({ blob: fc.nat(sizes.length - 1), from: fc.double({ max: 1, min: 0, noNaN: true }), share: fraction })
        .map(({ blob, from, share }) => ({ blob, from, share }))
      const property = fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fraction,
        fraction,
        async (parts, one, two) => {
          const cuts = parts.map(({ blob, from, share }) => cut(contents[blob], from, share))
          const rope: Rope = cuts.map(({ part }) => part)
          const whole = Buffer.concat(cuts.map(({ bytes }) => bytes))
          const [start = 0, end = 0] = [one, two].map((share) => Math.floor(share * (whole.length - 1))).sort(ascending)
          const read = await readAll(await RopeReader.open(blobs, sliceRope(rope, { start, end })))
          assert.ok(read.equals(whole.subarray(start, end + 1)))
        },
      )
      await fc.assert(property, { numRuns: 40 })
    })

    it('reads a rope without bytes as nothing', async () => {
      assert.equal((await readAll(await RopeReader.open(blobs, []))).length, 0)
      const empty = [{ sha256: 'f'.repeat(64), offset: 0, length: 0 }]
      assert.equal((await readAll(await RopeReader.open(blobs, empty))).length, 0)
    })

    it('fails before the first byte when the first blob is not stored', async () => {
      const rope = [{ sha256: '0'.repeat(64), offset: 0, length: 1 }]
      await assert.rejects(RopeReader.open(blobs, rope), { kind: 'not-found' })
    })

    it('fails before the first byte when none can be read', async () => {
      const sha256 = await storeBlob(store, Buffer.from('to be emptied'))
      await truncate(store.path(sha256), 0)
      await assert.rejects(RopeReader.open(blobs, [{ sha256, offset: 0, length: 5 }]), { kind: 'internal' })
    })

    it('fails rather than ends when a later blob is not stored', async () => {
      const sha256 = await storeBlob(store, 'first')
      const rope = [sha256, '0'.repeat(64)].map((blob) => ({ sha256: blob, offset: 0, length: 5 }))
      await assert.rejects(readAll(await RopeReader.open(blobs, rope)), { kind: 'not-found' })
    })

    it('fails rather than ends when a blob has become shorter', async () => {
      const bytes = 'cut off on disk'
      const sha256 = await storeBlob(store, bytes)
      await truncate(store.path(sha256), 4)
      const reader = await RopeReader.open(blobs, [{ sha256, offset: 0, length: bytes.length }])
      await assert.rejects(readAll(reader), /check the blob store/)
    })

    it('ends when it is closed, also before and between reads', async () => {
      const [sha256, length] = [contents.at(-1)?.sha256 ?? '', 600_000]
      const reader = await RopeReader.open(blobs, [{ sha256, offset: 0, length }])
      assert.ok(await reader.next())
      reader.close()
      assert.equal(await reader.next(), undefined)
      reader.close()
    })
  })
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true })
const ascending = (one: number, other: number) => one - other

function cut(content: { sha256: string; bytes: Buffer } | undefined, from: number, share: number) {
  assert.ok(content)
  const offset = Math.floor(from * (content.bytes.length - 1))
  const length = Math.max(1, Math.floor(share * (content.bytes.length - offset)))
  return { part: { sha256: content.sha256, offset, length }, bytes: content.bytes.subarray(offset, offset + length) }
}

/** The memory of a chunk is used again, so each is copied. */
async function readAll(reader: RopeReader): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next())
    chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function withoutPaths(store: FileBlobStore): BlobStore {
  return {
    stage: (body, options) => store.stage(body, options),
    commit: (staged) => store.commit(staged),
    discard: (staged) => store.discard(staged),
    openStaged: (handle) => store.openStaged(handle),
    size: (sha256) => store.size(sha256),
    read: (sha256, range) => store.read(sha256, range),
    look: (sha256, range, use) => store.look(sha256, range, use),
    remove: (sha256) => store.remove(sha256),
    sweepStaging: (before) => store.sweepStaging(before),
  }
}
