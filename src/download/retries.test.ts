import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { silentLog } from '../core/log.ts'
import { errorOf } from '../testing/blob-store-contract.ts'
import { connectUpstream, neverAborts, readAll } from '../testing/downloads.ts'
import { type Reply, UpstreamServer } from '../testing/upstream-server.ts'

const body = randomBytes(300_000)

describe('a broken transfer', () => {
  const faults: [string, Reply][] = [
    ['the answer is 500', { status: 500, body: 'oops' }],
    ['the answer is 502 with a long page', { status: 502, body: Buffer.alloc(500_000) }],
    ['the answer is 503', { status: 503 }],
    ['the answer is 429', { status: 429 }],
    ['the connection is reset before the body', { body, resetAfter: 0 }],
    ['the connection is reset within the body', { body, resetAfter: 100_000 }],
    ['the body ends before its announced length', { body, truncateAfter: 100_000 }],
    ['a chunked body ends without its end', { body, chunked: true, truncateAfter: 100_000 }],
    ['the body stalls', { body, stallAfter: 100_000 }],
    ['no answer comes', { body, until: new Promise(() => undefined) }],
  ]
  for (const [title, fault] of faults) {
    it(`is tried again when ${title}`, async () => {
      const server = await UpstreamServer.start({ '/file': [fault, { body }] })
      const { get, clock } = connectUpstream({}, { timeouts: { headers: 100, stall: 100 } })
      assert.ok(body.equals(await get(server.url('/file'))))
      assert.equal(server.requests.length, 2)
      assert.equal(clock.sleeps.length, 1)
    })
  }

  const lasting: [string, Reply, string][] = [
    ['503', { status: 503 }, 'http_status'],
    ['resets', { body, resetAfter: 10 }, 'broken_transfer'],
    ['truncated bodies', { body, truncateAfter: 10 }, 'broken_transfer'],
  ]
  for (const [title, fault, code] of lasting) {
    it(`is given up as ${code} after four attempts with ${title}, waiting twice as long each time`, async () => {
      const server = await UpstreamServer.start({ '/file': fault })
      const { get, clock } = connectUpstream()
      await assert.rejects(get(server.url('/file')), errorOf('upstream', code))
      assert.equal(server.requests.length, 4)
      assert.deepEqual(clock.sleeps, [500, 1000, 2000])
    })
  }

  it('is given up as stalled when upstream falls silent', async () => {
    const server = await UpstreamServer.start({ '/file': { body, stallAfter: 10 } })
    const { get } = connectUpstream({}, { timeouts: { stall: 50 }, retry: { attempts: 1 } })
    await assert.rejects(get(server.url('/file')), errorOf('upstream', 'stalled'))
  })

  it('is given up as unreachable when nobody listens', async () => {
    const server = await UpstreamServer.start()
    await server.close()
    const { get, clock } = connectUpstream()
    await assert.rejects(get(server.url('/file')), errorOf('upstream', 'unreachable'))
    assert.equal(clock.sleeps.length, 3)
  })

  it('is logged with its reason, without credentials', async () => {
    const server = await UpstreamServer.start({ '/file': [{ status: 503 }, { body }] })
    const lines: string[] = []
    const log: Log = { ...silentLog, warn: (message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`) }
    const { get } = connectUpstream({}, { log })
    await get(server.url('/file').replace('//', '//user:hunter2@'))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /503/)
    assert.doesNotMatch(lines[0] ?? '', /hunter2/)
  })

  it('waits as long as Retry-After asks, within bounds', async () => {
    const replies = ['7', '86400', 'Mon, 01 Jan 2024 00:01:27 GMT'].map((value) => ({
      status: 503,
      headers: { 'retry-after': value },
    }))
    const server = await UpstreamServer.start({ '/file': [...replies, { body }] })
    const { get, clock } = connectUpstream()
    await get(server.url('/file'))
    // The date is 20 s after the two waits before it.
    assert.deepEqual(clock.sleeps, [7000, 60_000, 20_000])
  })

  it('gives the consumer a fresh body and takes only the result of the last', async () => {
    const server = await UpstreamServer.start({ '/file': [{ body, truncateAfter: 200_000 }, { body }] })
    const { upstream } = connectUpstream()
    let calls = 0
    const result = await upstream.download(
      server.url('/file'),
      async (chunks) => {
        calls += 1
        const call = calls
        const bytes = await readAll(chunks)
        return { call, bytes }
      },
      neverAborts,
    )
    assert.equal(result.call, 2)
    assert.ok(body.equals(result.bytes))
  })

  it('counts as broken although the consumer wraps the error it met', async () => {
    const server = await UpstreamServer.start({ '/file': [{ body, resetAfter: 10 }, { body }] })
    const { upstream } = connectUpstream()
    const wrap = (chunks: AsyncIterable<Uint8Array>) =>
      readAll(chunks).catch((error: unknown) => Promise.reject(new Error('wrapped', { cause: error })))
    assert.ok(body.equals(await upstream.download(server.url('/file'), wrap, neverAborts)))
  })
})

describe('what is not tried again', () => {
  for (const status of [204, 206, 304, 400, 401, 403, 404, 410, 501]) {
    it(`an answer ${status}`, async () => {
      const server = await UpstreamServer.start({ '/file': { status } })
      const { get } = connectUpstream()
      await assert.rejects(get(server.url('/file')), (error: unknown) => {
        assert.ok(error instanceof DeckleError)
        assert.deepEqual(error.details, { code: 'http_status', data: { status } })
        return errorOf('upstream')(error)
      })
      assert.equal(server.requests.length, 1)
    })
  }

  it('an error of the consumer itself, which comes through as it is', async () => {
    const server = await UpstreamServer.start({ '/file': { body: Buffer.alloc(20_000_000) } })
    const { upstream } = connectUpstream()
    const mismatch = new DeckleError('upstream', 'wrong bytes', { code: 'checksum_mismatch' })
    const picky = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const _ of chunks) throw mismatch
    }
    await assert.rejects(upstream.download(server.url('/file'), picky, neverAborts), mismatch)
    assert.equal(server.requests.length, 1)
    // The rest of the 20 MB is not taken in: the connection is cut.
    await server.requests[0]?.closed
  })

  for (const url of ['ftp://host/file', 'not a url', 'data:,x', 'http://user:hunter2@']) {
    it(`the URL ${url.replace('hunter2', '…')}, which is invalid`, async () => {
      const { get } = connectUpstream()
      await assert.rejects(get(url), (error: unknown) => {
        assert.doesNotMatch(String(error), /hunter2/)
        return errorOf('invalid')(error)
      })
    })
  }
})
