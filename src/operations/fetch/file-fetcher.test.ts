import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile as overwrite, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { DeckleError } from '../../core/errors.ts'
import { neverAborts } from '../../testing/downloads.ts'
import { eventually } from '../../testing/eventually.ts'
import { OnDemandBench } from '../../testing/on-demand-bench.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'

const signal = neverAborts
const bytes = randomBytes(300_000)

describe('FileFetcher', () => {
  it('stores a file and tells what it is', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', bytes)
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const { fetcher, blobs } = await bench.node()
    assert.deepEqual(await fetcher.fetch(file.key, { signal }), { sha256: file.sha256, size: bytes.length })
    assert.equal(await blobs.size(file.sha256), bytes.length)
    assert.deepEqual(bench.files.stored(file.key), { sha256: file.sha256, size: bytes.length })
    assert.equal(bench.files.holder(file.key), undefined)
    assert.deepEqual(await fetcher.fetch(file.key, { signal }), { sha256: file.sha256, size: bytes.length })
    assert.deepEqual(upstream.paths, ['/a'])
  })

  it('asks upstream once for all who want a file at the same time, in two processes', async () => {
    const { bench, upstream } = await open()
    const gate = Promise.withResolvers<void>()
    upstream.put('/a', { body: bytes, until: gate.promise })
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const nodes = [await bench.node(), await bench.node()]
    const wanted = Array.from({ length: 100 }, (_, index) => nodes[index % 2]?.fetcher.fetch(file.key, { signal }))
    await eventually(() => upstream.paths.length > 0)
    gate.resolve()
    for (const blob of await Promise.all(wanted)) assert.equal(blob?.sha256, file.sha256)
    assert.deepEqual(upstream.paths, ['/a'])
  })

  it('goes to the next source when one fails, and asks the one that failed last the next time', async () => {
    const { bench, upstream } = await open()
    const bad = await UpstreamServer.start()
    const files = ['one', 'two'].map((name) => {
      const other = Buffer.concat([bytes, Buffer.from(name)])
      upstream.put(`/good/${name}`, other)
      bad.put(`/bad/${name}`, { status: 500 })
      return bench.publish(name, other, [bad.url(`/bad/${name}`), upstream.url(`/good/${name}`)])
    })
    const { fetcher } = await bench.node()
    for (const { key } of files) await fetcher.fetch(key, { signal })
    assert.deepEqual(upstream.paths, ['/good/one', '/good/two'])
    assert.deepEqual(bad.paths, ['/bad/one'])
  })

  for (const [what, fault, code] of [
    ['other bytes', { corrupt: true }, 'checksum_mismatch'],
    ['too few bytes', { body: bytes.subarray(1) }, 'size_mismatch'],
    ['too many bytes', { body: Buffer.concat([bytes, bytes]) }, 'size_mismatch'],
    ['an error', { status: 404 }, 'http_status'],
    ['a broken transfer', { resetAfter: 100_000 }, 'broken_transfer'],
  ] as const) {
    it(`throws what the last source failed with and keeps nothing after ${what}`, async () => {
      const { bench, upstream } = await open()
      upstream.put('/a', { body: bytes, ...fault })
      const file = bench.publish('a', bytes, [upstream.url('/a')])
      const { fetcher } = await bench.node()
      await assert.rejects(fetcher.fetch(file.key, { signal }), (error: DeckleError) => error.details.code === code)
      assert.equal(bench.files.stored(file.key), undefined)
      assert.equal(bench.files.holder(file.key), undefined)
      assert.deepEqual(await readdir(join(bench.folder, 'staging')), [])
    })
  }

  it('fetches a damaged file again and puts the good bytes in its place', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', bytes)
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const { fetcher, blobs } = await bench.node()
    await fetcher.fetch(file.key, { signal })
    await overwrite(blobs.path(file.sha256), 'damaged')
    await bench.files.forget(file.sha256)
    await fetcher.fetch(file.key, { signal })
    assert.equal(await blobs.size(file.sha256), bytes.length)
    assert.equal(upstream.paths.length, 2)
  })

  it('ends the fetch when everybody who waited has left, but not while somebody looks', async () => {
    const { bench, upstream } = await open()
    const gate = Promise.withResolvers<void>()
    upstream.put('/a', { body: bytes, until: gate.promise })
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const { fetcher } = await bench.node()
    const [first, other] = [new AbortController(), new AbortController()]
    const waits = [first, other].map(({ signal }) => fetcher.fetch(file.key, { signal }))
    await eventually(() => upstream.requests.length === 1)
    first.abort()
    await assert.rejects(waits[0] ?? assert.fail(), { kind: 'cancelled' })
    assert.notEqual(bench.files.holder(file.key), undefined)
    other.abort()
    await assert.rejects(waits[1] ?? assert.fail(), { kind: 'cancelled' })
    await upstream.requests[0]?.closed
    await eventually(() => bench.files.holder(file.key) === undefined)
    const third = new AbortController()
    const progress = fetcher.open(file.key)
    const wait = fetcher.fetch(file.key, { signal: third.signal })
    third.abort()
    await assert.rejects(wait, { kind: 'cancelled' })
    gate.resolve()
    await eventually(() => progress.outcome !== undefined)
    assert.equal(progress.outcome?.kind, 'stored')
  })

  it('starts anew for whoever wants a file whose fetch is being ended', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', [{ body: bytes, stallAfter: 100 }, { body: bytes }])
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const { fetcher } = await bench.node()
    const first = new AbortController()
    const wait = fetcher.fetch(file.key, { signal: first.signal })
    await eventually(() => upstream.requests.length === 1)
    first.abort()
    const next = wait.catch(() => fetcher.fetch(file.key, { signal }))
    assert.equal((await next).sha256, file.sha256)
  })

  it('gives its leases back when the server stops', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', { body: bytes, stallAfter: 100_000 })
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const { fetcher } = await bench.node()
    const progress = fetcher.open(file.key)
    await eventually(() => progress.handle !== undefined)
    await fetcher.close()
    assert.equal(bench.files.holder(file.key), undefined)
    assert.deepEqual(await readdir(join(bench.folder, 'staging')), [])
    await assert.rejects(fetcher.fetch(file.key, { signal }), { kind: 'cancelled' })
  })

  it('lets go of a file whose lease another process has taken, and takes its bytes', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', [{ body: bytes, stallAfter: 100_000 }, { body: bytes }])
    const file = bench.publish('a', bytes, [upstream.url('/a')])
    const [lost, other] = [await bench.node(), await bench.node()]
    const waiting = lost.fetcher.fetch(file.key, { signal })
    await eventually(() => upstream.paths.length === 1)
    bench.files.expire(file.key)
    await Promise.all([waiting, other.fetcher.fetch(file.key, { signal })])
    assert.equal(upstream.paths.length, 2)
  })

  it('fetches no more files at a time than it may', async () => {
    const { bench, upstream } = await open()
    const gate = Promise.withResolvers<void>()
    upstream.put('/a', { body: bytes, until: gate.promise })
    const { fetcher } = await bench.node({ limits: { flights: 2 } })
    const all = Array.from({ length: 5 }, () => bench.publish('a', bytes, [upstream.url('/a')]))
    const fetched = all.map(({ key }) => fetcher.fetch(key, { signal }))
    await eventually(() => upstream.mostAtOnce === 2)
    gate.resolve()
    await Promise.all(fetched)
    assert.equal(upstream.mostAtOnce, 2)
  })

  it('says that a file is gone, or that nothing is known to have it', async () => {
    const { bench } = await open()
    const { fetcher } = await bench.node()
    await assert.rejects(fetcher.fetch(99, { signal }), { kind: 'not-found' })
    const { key } = bench.publish('a', bytes, [])
    await assert.rejects(fetcher.fetch(key, { signal }), { kind: 'upstream', details: { code: 'no_source' } })
  })
})

async function open() {
  return { bench: await OnDemandBench.open(), upstream: await UpstreamServer.start() }
}
