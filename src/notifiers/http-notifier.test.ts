import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { HttpNotifier } from './http-notifier.ts'

const message = { type: 'repo.sync.start', body: { event_type: 'repo.sync.start' } } as const
const { signal } = new AbortController()

describe('HttpNotifier', () => {
  const seen: { readonly request: IncomingMessage; readonly body: string }[] = []
  let server: Server
  let url = ''
  const notifier = new HttpNotifier({ allow: [], userAgent: 'Deckle/1', timeoutMs: 500 })

  before(async () => {
    server = createServer(async (request, response) => {
      const chunks = await Array.fromAsync(request)
      seen.push({ request, body: Buffer.concat(chunks).toString() })
      if (request.url === '/hangs') return
      const status = Number(request.url?.slice(1))
      response.writeHead(status, status === 302 ? { location: `${url}/200` } : {}).end('x'.repeat(100))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  after(async () => {
    await notifier.close()
    server.closeAllConnections()
    server.close()
  })

  it('posts JSON, with Basic when the listener has a name and a password', async () => {
    seen.length = 0
    await notifier.notify({ url: `${url}/200` }, message, signal)
    await notifier.notify({ url: `${url}/204`, username: 'bob', password: 'geheim' }, message, signal)
    await notifier.notify({ url: `${url.replace('//', '//ann:p%40ss@')}/200` }, message, signal)
    const [first] = seen
    assert.deepEqual(
      [
        first?.request.method,
        first?.request.headers['content-type'],
        first?.request.headers['user-agent'],
        first?.body,
      ],
      ['POST', 'application/json', 'Deckle/1', '{"event_type":"repo.sync.start"}'],
    )
    assert.deepEqual(
      seen.map(({ request }) => request.headers.authorization),
      [undefined, `Basic ${btoa('bob:geheim')}`, `Basic ${btoa('ann:p@ss')}`],
    )
  })

  it('takes every other status for a failure, and follows no redirect', async () => {
    seen.length = 0
    for (const status of [302, 404, 500]) {
      const failure = notifier.notify({ url: `${url}/${status}` }, message, signal)
      await assert.rejects(failure, { kind: 'upstream', message: `${url} answered ${status}` })
    }
    assert.equal(seen.length, 3)
  })

  it('waits only so long', async () => {
    await assert.rejects(notifier.notify({ url: `${url}/hangs` }, message, signal), {
      kind: 'upstream',
      message: /timeout/,
    })
  })

  it('says what is wrong without the path of the address, which may hold a token', async () => {
    const failure = notifier.notify({ url: 'http://127.0.0.1:1/token' }, message, signal)
    await assert.rejects(
      failure,
      (error: Error) => /^http:\/\/127\.0\.0\.1:1: /.test(error.message) && !/token/.test(error.message),
    )
  })

  it('reaches no metadata or link-local address, written as such or by a name, unless it is allowed', async () => {
    const resolve = async () => [{ address: '169.254.169.254', family: 4 }]
    const guarded = new HttpNotifier({ allow: [], userAgent: 'x', resolve })
    for (const host of ['169.254.169.254', 'rebound.example', '[fe80::1]']) {
      await assert.rejects(guarded.notify({ url: `http://${host}/` }, message, signal), /DECKLE_UPSTREAM_ALLOW/)
    }
    await guarded.close()
    const inward = async () => [{ address: '127.0.0.1', family: 4 }]
    const open = new HttpNotifier({ allow: [], userAgent: 'x', resolve: inward })
    await open.notify({ url: `${url.replace('127.0.0.1', 'inside.example')}/200` }, message, signal)
    await open.close()
  })

  it('says that a listener has no address', async () => {
    await assert.rejects(notifier.notify({}, message, signal), { kind: 'invalid', message: /set url/ })
  })
})
