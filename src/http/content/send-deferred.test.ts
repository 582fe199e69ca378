import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { eventually } from '../../testing/eventually.ts'
import { allOf, OnDemandBench } from '../../testing/on-demand-bench.ts'
import { ReadingClient } from '../../testing/reading-client.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'

const mebibyte = 1024 * 1024
const tail = 64 * 1024
const small = randomBytes(300_000)
const large = randomBytes(3 * mebibyte)

describe('a file that is published and not stored', () => {
  it('is fetched for who asks first, with all that clients want to know', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a.rpm', small)
    const { path, sha256 } = bench.publish('a.rpm', small, [upstream.url('/a.rpm')])
    const { server } = await bench.node()
    const first = await server.ask(path)
    assert.deepEqual([first.status, first.headers['x-cache-lookup']], [200, 'MISS'])
    assert.deepEqual(first.body, small)
    assert.equal(first.headers['etag'], `"${sha256}"`)
    assert.equal(first.headers['content-type'], 'application/x-rpm')
    assert.deepEqual(upstream.paths, ['/a.rpm'])
  })

  it('comes while it is fetched, but for its tail, which comes once its digest holds', async () => {
    const { bench, upstream } = await open()
    const rest = Promise.withResolvers<void>()
    upstream.put('/a', { body: large, stallAfter: large.length - 1, restAfter: rest.promise })
    const { path, sha256 } = bench.publish('a.rpm', large, [upstream.url('/a')])
    const { server } = await bench.node()
    const client = await ReadingClient.get(server.port, path)
    assert.equal(client.status, 200)
    const { date: _date, connection: _connection, ...headers } = client.headers
    assert.deepEqual(headers, {
      'cache-control': 'no-cache',
      'content-length': String(large.length),
      'content-type': 'application/x-rpm',
      etag: `"${sha256}"`,
      'last-modified': 'Wed, 04 Mar 2026 05:06:07 GMT',
      'x-cache-lookup': 'MISS',
      'x-content-type-options': 'nosniff',
    })
    await client.until(large.length - tail)
    assert.equal(client.received, large.length - tail)
    rest.resolve()
    assert.deepEqual(await client.body, large)
  })

  it('is fetched once for a hundred who ask at two processes, some of them in the middle of it', async () => {
    const { bench, upstream } = await open()
    const rest = Promise.withResolvers<void>()
    upstream.put('/a', { body: large, stallAfter: 2 * mebibyte, restAfter: rest.promise })
    const { path } = bench.publish('a', large, [upstream.url('/a')])
    const nodes = [await bench.node(), await bench.node()]
    const clients = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ReadingClient.get(nodes[index % 2]?.server.port ?? 0, path)),
    )
    for (const client of clients) await client.until(mebibyte)
    assert.ok(clients.every(({ received }) => received >= mebibyte))
    rest.resolve()
    for (const client of clients) assert.ok((await client.body)?.equals(large))
    assert.deepEqual(upstream.paths, ['/a'])
  })

  it('is fetched to its end when the client has left', async () => {
    const { bench, upstream } = await open()
    const rest = Promise.withResolvers<void>()
    upstream.put('/a', { body: large, stallAfter: 2 * mebibyte, restAfter: rest.promise })
    const { key, path } = bench.publish('a', large, [upstream.url('/a')])
    const { server } = await bench.node()
    const client = await ReadingClient.get(server.port, path)
    await client.until(mebibyte)
    client.leave()
    rest.resolve()
    await eventually(() => bench.files.stored(key) !== undefined)
    assert.equal(upstream.paths.length, 1)
  })

  it('is not held up by a client that does not read', async () => {
    const { bench, upstream } = await open()
    const huge = Buffer.alloc(40 * mebibyte, 'x')
    upstream.put('/a', huge)
    const { key, path } = bench.publish('a', huge, [upstream.url('/a')])
    const { server } = await bench.node()
    const client = await ReadingClient.get(server.port, path)
    client.pause()
    await eventually(() => bench.files.stored(key) !== undefined)
    assert.ok(client.received < huge.length)
    client.resume()
    assert.ok((await client.body)?.equals(huge))
  })

  it('breaks off for a client that takes nothing for too long', async () => {
    const { bench, upstream } = await open()
    const huge = Buffer.alloc(40 * mebibyte, 'x')
    upstream.put('/a', huge)
    const { path } = bench.publish('a', huge, [upstream.url('/a')])
    const { server } = await bench.node({ stallMs: 20 })
    const accepted = once(server.server, 'connection')
    const client = await ReadingClient.get(server.port, path)
    client.pause()
    const [socket] = (await accepted) as [Socket]
    if (!socket.destroyed) await once(socket, 'close')
    client.resume()
    assert.equal(await client.body, undefined)
  })

  it('comes in chunks, and breaks off without an end, when its size is not known', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', [{ body: large, corrupt: true }, { body: large }])
    const { digests } = allOf(large)
    const { path } = bench.publish('a', large, [upstream.url('/a')], digests === undefined ? {} : { digests })
    const { server } = await bench.node()
    const cut = await ReadingClient.get(server.port, path)
    assert.equal(cut.headers['content-length'], undefined)
    assert.equal(await cut.body, undefined)
    assert.ok((await server.ask(path)).body.equals(large))
  })

  it('has a length for a client of HTTP/1.0, to which a break would look like the end', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', large)
    const { path } = bench.publish('a', large, [upstream.url('/a')], {})
    const { server } = await bench.node()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`)
    const answer = Buffer.concat(await Array.fromAsync<Buffer>(socket))
    assert.match(answer.toString('latin1', 0, 500), new RegExp(`Content-Length: ${large.length}\r\n`))
    assert.ok(answer.subarray(-large.length).equals(large))
  })

  it('is taken as it is when nothing is known of it', async () => {
    const { bench, upstream } = await open()
    for (const bytes of [Buffer.alloc(0), small, large]) {
      upstream.put('/a', { body: bytes, chunked: true })
      const { path } = bench.publish('a', bytes, [upstream.url('/a')], {})
      const { server } = await bench.node()
      const { status, headers, body } = await server.ask(path, { headers: { 'if-none-match': '"other"' } })
      assert.deepEqual([status, headers['content-length']], [200, String(bytes.length)])
      assert.ok(body.equals(bytes))
    }
  })

  it('answers HEAD and what a client knows already from the metadata', async () => {
    const { bench, upstream } = await open()
    const { path, sha256 } = bench.publish('a.rpm', large, [upstream.url('/a')])
    const { server } = await bench.node()
    const head = await server.ask(path, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length']], [200, String(large.length)])
    assert.deepEqual([head.headers['x-cache-lookup'], head.headers['accept-ranges']], ['MISS', undefined])
    const known = await server.ask(path, { headers: { 'if-none-match': `"${sha256}"` } })
    assert.deepEqual([known.status, known.headers['etag']], [304, `"${sha256}"`])
    assert.equal((await server.ask(path, { headers: { 'if-match': '"x"' } })).status, 412)
    assert.deepEqual(upstream.paths, [])
  })

  it('gives a part of a file up to 8 MiB once that is stored', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', large)
    const { server } = await bench.node()
    const ask = (range: string, more = {}) => {
      const { path } = bench.publish('a', large, [upstream.url('/a')])
      return server.ask(path, { headers: { range, ...more } })
    }
    const part = await ask('bytes=1000-1999')
    assert.deepEqual([part.status, part.headers['x-cache-lookup']], [206, 'MISS'])
    assert.equal(part.headers['content-range'], `bytes 1000-1999/${large.length}`)
    assert.deepEqual(part.body, large.subarray(1000, 2000))
    assert.equal((await ask(`bytes=${large.length}-`)).status, 416)
    const other = await ask('bytes=0-9', { 'if-range': '"other"' })
    assert.deepEqual([other.status, other.body.length], [200, large.length])
  })

  it('gives a larger file whole to who asks for a part', async () => {
    const { bench, upstream } = await open()
    const larger = Buffer.alloc(8 * mebibyte + 1, 'x')
    upstream.put('/a', larger)
    const { key, path } = bench.publish('a', larger, [upstream.url('/a')])
    const { server } = await bench.node()
    const { status, headers, body } = await server.ask(path, { headers: { range: 'bytes=0-9' } })
    assert.deepEqual([status, headers['accept-ranges'], headers['content-range']], [200, undefined, undefined])
    assert.ok(body.equals(larger))
    assert.notEqual(bench.files.stored(key), undefined)
  })
})

async function open() {
  return { bench: await OnDemandBench.open(), upstream: await UpstreamServer.start() }
}
