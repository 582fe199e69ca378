import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { BlobStore, ByteRange, StagedBlob } from '../core/blob-store.ts'
import { DeckleError, type ErrorKind } from '../core/errors.ts'

/** A store under test and a look behind the port. */
export interface StoreUnderTest {
  readonly store: BlobStore
  /** How many entries lie in staging. */
  staged(): Promise<number>
}

/** What every blob store promises. `make` gives a new, empty one. */
export function blobStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a blob store`, () => {
    receiving(make)
    committing(make)
    reading(make)
  })
}

type Make = () => Promise<StoreUnderTest>

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function* inChunks(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

export const stageBytes = (store: BlobStore, bytes: Uint8Array): Promise<StagedBlob> => store.stage(inChunks(bytes))

export async function putBytes(store: BlobStore, bytes: Uint8Array): Promise<StagedBlob> {
  const blob = await stageBytes(store, bytes)
  await store.commit([blob])
  return blob
}

async function readBytes(store: BlobStore, name: string, range?: ByteRange): Promise<Buffer> {
  return await buffer(await store.read(name, range))
}

/** For `assert.rejects`: the kind of the error, and its code where one is given. */
export const errorOf =
  (kind: ErrorKind, code?: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof DeckleError, String(error))
    assert.equal(error.kind, kind)
    if (code !== undefined) assert.equal(error.details.code, code)
    return true
  }

function receiving(make: Make): void {
  for (const size of [0, 1, 190_000, 1024 * 1024, 3 * 1024 * 1024 + 1]) {
    it(`receives ${size} bytes, measures them, and gives them back`, async () => {
      const { store } = await make()
      const bytes = randomBytes(size)
      const blob = await putBytes(store, bytes)
      assert.equal(blob.sha256, sha256(bytes))
      assert.equal(blob.size, size)
      assert.equal(await store.size(blob.sha256), size)
      assert.ok(bytes.equals(await readBytes(store, blob.sha256)))
    })
  }

  it('receives thousands of tiny chunks', async () => {
    const { store } = await make()
    const bytes = randomBytes(5000)
    const blob = await store.stage(inChunks(bytes, 1))
    await store.commit([blob])
    assert.ok(bytes.equals(await readBytes(store, blob.sha256)))
  })

  it('refuses bytes of another digest and keeps nothing of them', async () => {
    const { store, staged } = await make()
    const expected = { digests: [{ algorithm: 'sha256' as const, value: sha256(Buffer.from('other')) }] }
    await assert.rejects(
      store.stage(inChunks(randomBytes(100)), { expected }),
      errorOf('upstream', 'checksum_mismatch'),
    )
    assert.equal(await staged(), 0)
  })

  it('cuts an endless body at the size that was promised', async () => {
    const { store, staged } = await make()
    const endless = async function* () {
      for (;;) yield Buffer.alloc(64 * 1024)
    }
    const expected = { size: 3 * 1024 * 1024 }
    await assert.rejects(store.stage(endless(), { expected }), errorOf('upstream', 'size_mismatch'))
    assert.equal(await staged(), 0)
  })

  for (const sent of [10, 3 * 1024 * 1024]) {
    it(`passes on the error of a body that breaks after ${sent} bytes and keeps nothing`, async () => {
      const { store, staged } = await make()
      const broken = async function* () {
        yield* inChunks(randomBytes(sent))
        throw new RangeError('the line went dead')
      }
      await assert.rejects(store.stage(broken()), RangeError)
      assert.equal(await staged(), 0)
    })
  }

  it('ends at once when the signal aborts, although the body is silent', async () => {
    const { store, staged } = await make()
    const abort = new AbortController()
    const silent = async function* () {
      yield randomBytes(2 * 1024 * 1024)
      setImmediate(() => abort.abort())
      await new Promise(() => undefined)
    }
    await assert.rejects(store.stage(silent(), { signal: abort.signal }), errorOf('cancelled'))
    assert.equal(await staged(), 0)
  })

  it('does not begin when the signal has aborted before', async () => {
    const { store, staged } = await make()
    const staging = store.stage(inChunks(randomBytes(10)), { signal: AbortSignal.abort() })
    await assert.rejects(staging, errorOf('cancelled'))
    assert.equal(await staged(), 0)
  })
}

function committing(make: Make): void {
  it('shows nothing under its name before the commit', async () => {
    const { store, staged } = await make()
    const blob = await stageBytes(store, randomBytes(10))
    assert.equal(await store.size(blob.sha256), undefined)
    assert.equal(await staged(), 1)
    await store.commit([blob])
    assert.equal(await store.size(blob.sha256), 10)
    assert.equal(await staged(), 0)
  })

  it('commits a batch', async () => {
    const { store, staged } = await make()
    const bodies = Array.from({ length: 50 }, (_, index) => Buffer.from(`blob ${index}`))
    await store.commit(await Promise.all(bodies.map((body) => stageBytes(store, body))))
    for (const body of bodies) assert.ok(body.equals(await readBytes(store, sha256(body))))
    assert.equal(await staged(), 0)
  })

  it('commits nothing without complaint', async () => {
    const { store } = await make()
    await store.commit([])
  })

  it('may be told to commit the same batch again', async () => {
    const { store } = await make()
    const blob = await putBytes(store, Buffer.from('again'))
    await store.commit([blob])
    assert.equal(String(await readBytes(store, blob.sha256)), 'again')
  })

  it('lets writers of the same bytes race, in one batch and in several', async () => {
    const { store, staged } = await make()
    const bytes = randomBytes(190_000)
    const writers = Array.from({ length: 8 }, async () =>
      store.commit([await stageBytes(store, bytes), await stageBytes(store, bytes)]),
    )
    await Promise.all(writers)
    assert.ok(bytes.equals(await readBytes(store, sha256(bytes))))
    assert.equal(await staged(), 0)
  })

  it('forgets what is discarded, and does not mind being told twice', async () => {
    const { store, staged } = await make()
    const blob = await stageBytes(store, randomBytes(10))
    await store.discard([blob])
    await store.discard([blob])
    assert.equal(await staged(), 0)
    assert.equal(await store.size(blob.sha256), undefined)
  })

  it('keeps the staged bytes of living processes in a sweep', async () => {
    const { store } = await make()
    const blob = await stageBytes(store, Buffer.from('alive'))
    assert.equal(await store.sweepStaging(new Date(Date.now() + 3_600_000)), 0)
    await store.commit([blob])
    assert.equal(String(await readBytes(store, blob.sha256)), 'alive')
  })
}

function reading(make: Make): void {
  const ranges: [string, ByteRange, string][] = [
    ['the first byte', { start: 0, end: 0 }, '0'],
    ['a middle', { start: 3, end: 5 }, '345'],
    ['the last bytes', { start: 8, end: 9 }, '89'],
    ['a range clipped at the end', { start: 8, end: 500 }, '89'],
    ['nothing behind the end', { start: 10, end: 20 }, ''],
  ]
  for (const [title, range, expected] of ranges) {
    it(`reads ${title}`, async () => {
      const { store } = await make()
      const blob = await putBytes(store, Buffer.from('0123456789'))
      assert.equal(String(await readBytes(store, blob.sha256, range)), expected)
    })
  }

  it('says not-found before the first byte of a blob that is not stored', async () => {
    const { store } = await make()
    const absent = sha256(Buffer.from('absent'))
    await assert.rejects(store.read(absent), errorOf('not-found'))
    const look = store.look(absent, { start: 0, end: 1 }, () => assert.fail())
    await assert.rejects(look, errorOf('not-found'))
  })

  it('lets somebody look at a range of any length, up to where the blob ends', async () => {
    const { store } = await make()
    const bytes = randomBytes(1_500_000)
    const blob = await putBytes(store, bytes)
    for (const [start, end] of [
      [0, 0],
      [3, 1_400_000],
      [1_499_000, 2_000_000],
    ] as const) {
      const seen: Buffer[] = []
      await store.look(blob.sha256, { start, end }, (piece) => seen.push(Buffer.from(piece)))
      assert.ok(Buffer.concat(seen).equals(bytes.subarray(start, end + 1)))
    }
    const failing = store.look(blob.sha256, { start: 0, end: 9 }, () => {
      throw new Error('seen enough')
    })
    await assert.rejects(failing, /seen enough/)
  })

  it('removes a blob, and does not mind when it is gone already', async () => {
    const { store } = await make()
    const blob = await putBytes(store, randomBytes(10))
    await store.remove(blob.sha256)
    await store.remove(blob.sha256)
    assert.equal(await store.size(blob.sha256), undefined)
    await assert.rejects(store.read(blob.sha256), errorOf('not-found'))
  })

  for (const name of ['', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(64)}/x`]) {
    it(`refuses ${JSON.stringify(name)} as the name of a blob`, async () => {
      const { store } = await make()
      await assert.rejects(store.size(name), errorOf('invalid'))
      await assert.rejects(store.read(name), errorOf('invalid'))
      await assert.rejects(store.remove(name), errorOf('invalid'))
    })
  }
}
