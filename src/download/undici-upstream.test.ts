import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { errorOf } from '../testing/blob-store-contract.ts'
import { connectUpstream, neverAborts, readAll } from '../testing/downloads.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'

const body = randomBytes(2_000_000)

describe('a download', () => {
  it('hands over the bytes and what the server said of them', async () => {
    const server = await UpstreamServer.start({ '/a/file?x=1': { body, headers: { etag: '"e"' } } })
    const { upstream } = connectUpstream()
    const url = server.url('/a/file?x=1')
    const result = await upstream.download(
      url,
      async (chunks, response) => ({ bytes: await readAll(chunks), response }),
      neverAborts,
    )
    assert.ok(body.equals(result.bytes))
    assert.equal(result.response.url, url)
    assert.equal(result.response.size, body.length)
    assert.equal(result.response.headers['etag'], '"e"')
  })

  it('knows no size where the server announces none', async () => {
    const server = await UpstreamServer.start({ '/file': { body, chunked: true } })
    const { upstream } = connectUpstream()
    const size = await upstream.download(server.url('/file'), async (_, response) => response.size, neverAborts)
    assert.equal(size, undefined)
  })

  it('says who asks, and wants the bytes as they are', async () => {
    const server = await UpstreamServer.start({ '/file': body })
    await connectUpstream({}, { userAgent: 'Deckle/1.2' }).get(server.url('/file'))
    assert.equal(server.requests[0]?.headers['user-agent'], 'Deckle/1.2')
    assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity')
  })

  it('takes an encoded body as it is', async () => {
    const server = await UpstreamServer.start({ '/file.gz': { body, headers: { 'content-encoding': 'gzip' } } })
    assert.ok(body.equals(await connectUpstream().get(server.url('/file.gz'))))
  })

  it('reads an empty body', async () => {
    const server = await UpstreamServer.start({ '/file': '' })
    assert.equal((await connectUpstream().get(server.url('/file'))).length, 0)
  })

  it('holds the connection back while the consumer is busy', async () => {
    const server = await UpstreamServer.start({ '/file': { body: Buffer.alloc(50_000_000) } })
    let isSent = false
    server.onRequest = ({ closed }) => {
      void closed.then(() => {
        isSent = true
      })
    }
    const slowly = async (chunks: AsyncIterable<Uint8Array>) => {
      let size = 0
      for await (const chunk of chunks) {
        if (size === 0) {
          await manyTurns()
          assert.equal(isSent, false)
        }
        size += chunk.length
      }
      return size
    }
    assert.equal(await connectUpstream().upstream.download(server.url('/file'), slowly, neverAborts), 50_000_000)
  })

  it('is content when the consumer has enough', async () => {
    const server = await UpstreamServer.start({ '/file': { body: Buffer.alloc(20_000_000) } })
    const { upstream } = connectUpstream()
    const first = await upstream.download(
      server.url('/file'),
      async (chunks) => {
        for await (const chunk of chunks) return chunk.length > 0
      },
      neverAborts,
    )
    assert.equal(first, true)
    await server.requests[0]?.closed
  })
})

describe('connections', () => {
  // One connection rests for a turn of the event loop before it is used again; then the other one takes over.
  it('are used again', async () => {
    const server = await UpstreamServer.start({ '/file': body })
    const { get } = connectUpstream()
    for (let count = 0; count < 10; count += 1) await get(server.url('/file'))
    assert.ok(server.connections <= 2, `${server.connections} connections`)
  })

  it('are used again after answers that are not wanted', async () => {
    const server = await UpstreamServer.start()
    const { get } = connectUpstream()
    for (let count = 0; count < 10; count += 1) await assert.rejects(get(server.url('/absent')))
    assert.ok(server.connections <= 2, `${server.connections} connections`)
  })

  it('are never more than the importer allows', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await UpstreamServer.start({ '/file': { body, until: gate.promise } })
    server.onRequest = () => {
      if (server.requests.length === 3) void manyTurns().then(gate.resolve)
    }
    const { get } = connectUpstream({ maxDownloads: 3 })
    await Promise.all(Array.from({ length: 30 }, () => get(server.url('/file'))))
    assert.equal(server.requests.length, 30)
    assert.equal(server.mostAtOnce, 3)
    assert.equal(server.connections, 3)
  })

  it('really work side by side', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await UpstreamServer.start({ '/file': { body, until: gate.promise } })
    server.onRequest = () => {
      if (server.requests.length === 16) gate.resolve()
    }
    const { get } = connectUpstream()
    // Answered only once sixteen have arrived: with fewer at once this would never end.
    await Promise.all(Array.from({ length: 16 }, () => get(server.url('/file'))))
    assert.equal(server.mostAtOnce, 16)
  })

  it('end with the upstream', async () => {
    const server = await UpstreamServer.start({ '/file': { body, stallAfter: 10 } })
    const { upstream, get } = connectUpstream()
    server.onRequest = () => void upstream.close()
    await assert.rejects(get(server.url('/file')), errorOf('cancelled'))
  })
})

describe('a closed upstream', () => {
  it('opens nothing any more, also for a download that waits for another attempt', async () => {
    const server = await UpstreamServer.start({ '/file': [{ status: 503 }, { body }] })
    const { upstream, clock, get } = connectUpstream()
    clock.sleep = () => upstream.close()
    await assert.rejects(get(server.url('/file')), errorOf('cancelled'))
    await assert.rejects(get(server.url('/file')), errorOf('cancelled'))
    assert.equal(server.requests.length, 1)
  })
})

describe('an abort', () => {
  it('ends a download before it began', async () => {
    const server = await UpstreamServer.start({ '/file': body })
    await assert.rejects(connectUpstream().get(server.url('/file'), AbortSignal.abort()), errorOf('cancelled'))
    assert.equal(server.requests.length, 0)
  })

  it('ends a download that waits for the answer, and its connection', async () => {
    const abort = new AbortController()
    const server = await UpstreamServer.start({ '/file': { body, until: new Promise(() => undefined) } })
    server.onRequest = () => abort.abort()
    await assert.rejects(connectUpstream().get(server.url('/file'), abort.signal), errorOf('cancelled'))
    await server.requests[0]?.closed
    assert.equal(server.requests.length, 1)
  })

  it('ends a download that waits for more of the body', async () => {
    const abort = new AbortController()
    const server = await UpstreamServer.start({ '/file': { body, stallAfter: 1000 } })
    const { upstream } = connectUpstream()
    const downloading = upstream.download(
      server.url('/file'),
      async (chunks) => {
        for await (const _ of chunks) setImmediate(() => abort.abort())
      },
      abort.signal,
    )
    await assert.rejects(downloading, errorOf('cancelled'))
    await server.requests[0]?.closed
  })

  it('ends downloads that wait for their turn, and leaves the turn to others', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await UpstreamServer.start({ '/held': { body, until: gate.promise }, '/file': body })
    const { get } = connectUpstream({ maxDownloads: 1 })
    const abort = new AbortController()
    const held = get(server.url('/held'))
    const waiting = get(server.url('/file'), abort.signal)
    const next = get(server.url('/file'))
    abort.abort()
    await assert.rejects(waiting, errorOf('cancelled'))
    gate.resolve()
    await Promise.all([held, next])
    assert.deepEqual(server.paths, ['/held', '/file'])
  })

  it('ends the wait before another attempt', async () => {
    const abort = new AbortController()
    const server = await UpstreamServer.start({ '/file': { status: 503 } })
    const { clock, get } = connectUpstream()
    clock.sleep = async (_, signal) => {
      abort.abort()
      signal.throwIfAborted()
    }
    await assert.rejects(get(server.url('/file'), abort.signal))
    assert.equal(server.requests.length, 1)
  })
})

describe('a speed limit', () => {
  it('holds the sum of all transfers to its bytes per second', async () => {
    const server = await UpstreamServer.start({ '/file': body })
    const { clock, get } = connectUpstream({ maxSpeed: 1_000_000 })
    const start = clock.now()
    await Promise.all([get(server.url('/file')), get(server.url('/file'))])
    const seconds = (clock.now() - start) / 1000
    // 4 MB at 1 MB/s; the jumping clock adds up sleeps that would overlap, so it is at least that less the burst.
    assert.ok(seconds >= 3.7, `${seconds} s`)
  })
})

/** Many times the turns of the event loop that anything here takes. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
