import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorOf } from '../testing/blob-store-contract.ts'
import { clientCertificate, clientKey, serverCertificate, serverKey } from '../testing/certificates.ts'
import { connectUpstream } from '../testing/downloads.ts'
import { startProxy } from '../testing/forward-proxy.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'

const tls = { key: serverKey, cert: serverCertificate, clientCa: clientCertificate }
const client = { certificate: clientCertificate, key: clientKey }

describe('TLS', () => {
  it('refuses a server that nobody vouches for, without another attempt', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const { get, clock } = connectUpstream()
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'tls'))
    assert.deepEqual(clock.sleeps, [])
  })

  it('trusts the authority of the settings', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const { get } = connectUpstream({ tls: { verify: true, ca: serverCertificate } })
    assert.equal(String(await get(server.url('/a'))), 'here')
  })

  it('refuses a server that another authority vouches for, also with a client certificate', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const { get } = connectUpstream({ tls: { verify: true, ca: clientCertificate, ...client } })
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'tls'))
    assert.deepEqual(server.requests, [])
  })

  it('refuses a server that goes by another name', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const { get } = connectUpstream({ tls: { verify: true, ca: serverCertificate } }, { resolve })
    assert.equal(String(await get(`https://upstream.test:${server.port}/a`)), 'here')
    await assert.rejects(get(`https://other.test:${server.port}/a`), errorOf('upstream', 'tls'))
  })

  for (const broken of [{ ca: 'no certificate' }, { certificate: 'none' }, { ...client, key: serverKey }]) {
    it(`connects to nobody with ${Object.keys(broken).join(' and ')} that cannot be used`, async () => {
      const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
      const { seen, port } = await startProxy()
      for (const proxy of [{}, { proxy: { host: '127.0.0.1', port } }]) {
        const { get, clock } = connectUpstream({ tls: { verify: false, ...broken }, ...proxy })
        await assert.rejects(get(server.url('/a')), errorOf('invalid', 'tls'))
        assert.deepEqual([clock.sleeps, seen, server.connections], [[], [], 0])
      }
    })
  }

  it('trusts everybody where the settings say so', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    assert.equal(String(await connectUpstream({ tls: { verify: false } }).get(server.url('/a'))), 'here')
  })

  it('shows the client certificate to the upstream, and not where it redirects to', async () => {
    const other = await UpstreamServer.start({ '/b': 'here' }, { tls })
    const server = await UpstreamServer.start({ '/a': { redirect: other.url('/b') } }, { tls })
    const { get } = connectUpstream({ tls: { verify: true, ca: serverCertificate, ...client } })
    assert.equal(String(await get(server.url('/a'))), 'here')
    assert.equal(server.requests[0]?.clientCertificate, 'mirror-client')
    assert.equal(other.requests[0]?.clientCertificate, undefined)
  })
})

describe('a client certificate', () => {
  it('is shown to the feed only, where the settings name it', async () => {
    const feed = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const mirror = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const { get } = connectUpstream({
      feed: feed.url('/list'),
      tls: { verify: true, ca: serverCertificate, ...client },
    })
    await get(mirror.url('/a'))
    await get(feed.url('/a'))
    await get(mirror.url('/a'))
    assert.deepEqual(
      [...mirror.requests, ...feed.requests].map((request) => request.clientCertificate),
      [undefined, undefined, 'mirror-client'],
    )
  })
})

const proxyBasic = `Basic ${Buffer.from('me:hunter2').toString('base64')}`

describe('a proxy', () => {
  it('is asked for http: URLs, with its own credentials', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' })
    const { seen, port } = await startProxy()
    const proxy = { host: 'http://127.0.0.1', port, username: 'me', password: 'hunter2' }
    assert.equal(String(await connectUpstream({ proxy }).get(server.url('/a'))), 'here')
    assert.deepEqual(seen, [{ target: server.url('/a'), authorization: proxyBasic }])
  })

  it('makes a tunnel for https: URLs, through which the client certificate is shown', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' }, { tls })
    const { seen, port } = await startProxy()
    const settings = {
      proxy: { host: '127.0.0.1', port, username: 'me', password: 'hunter2' },
      tls: { verify: true, ca: serverCertificate, ...client },
    }
    assert.equal(String(await connectUpstream(settings).get(server.url('/a'))), 'here')
    assert.deepEqual(seen, [{ target: `127.0.0.1:${server.port}`, authorization: proxyBasic }])
    assert.equal(server.requests[0]?.clientCertificate, 'mirror-client')
  })

  it('passes the credentials of the upstream on, which are never its own', async () => {
    const settings = {
      proxy: { host: '', port: 0, username: 'me', password: 'hunter2' },
      basicAuth: { username: 'mirror', password: 'pass' },
      tls: { verify: false },
    }
    for (const server of [
      await UpstreamServer.start({ '/a': '1' }),
      await UpstreamServer.start({ '/a': '1' }, { tls }),
    ]) {
      const proxy = { ...settings.proxy, host: '127.0.0.1', port: (await startProxy()).port }
      await connectUpstream({ ...settings, proxy }).get(server.url('/a'))
      const { authorization } = server.requests[0]?.headers ?? {}
      assert.equal(authorization, `Basic ${Buffer.from('mirror:pass').toString('base64')}`)
    }
  })

  it('that refuses our credentials ends the download at once, which does not show them', async () => {
    const [plain, secure] = [
      await UpstreamServer.start({ '/a': '1' }),
      await UpstreamServer.start({ '/a': '1' }, { tls }),
    ]
    for (const server of [plain, secure]) {
      const { port } = await startProxy(407)
      const proxy = { host: '127.0.0.1', port, username: 'me', password: 'hunter2' }
      const { get, clock } = connectUpstream({ proxy, tls: { verify: false } })
      await assert.rejects(get(server.url('/a')), (error: unknown) => {
        assert.match(String(error), /407/)
        assert.doesNotMatch(String(error), /hunter2|bWU6/)
        return errorOf('upstream')(error)
      })
      assert.deepEqual(clock.sleeps, [])
      assert.deepEqual(server.requests, [])
    }
  })

  it('that is not there is tried again, and then named as unreachable', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' })
    await server.close()
    const { get, clock } = connectUpstream({ proxy: { host: '127.0.0.1', port: server.port } })
    for (const scheme of ['http', 'https']) {
      await assert.rejects(get(`${scheme}://1.1.1.1/a`), errorOf('upstream', 'unreachable'))
    }
    assert.equal(clock.sleeps.length, 6)
  })

  it('is not asked for private addresses where a public upstream leads there', async () => {
    const { seen, port } = await startProxy()
    const server = await UpstreamServer.start({ '/a': { redirect: 'http://127.0.0.2:9/' } })
    const addressScope = (address: string) => (address === '127.0.0.1' ? 'public' : 'private')
    const { get } = connectUpstream({ proxy: { host: '127.0.0.1', port } }, { addressScope })
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'address_refused'))
    assert.deepEqual(
      seen.map(({ target }) => target),
      [server.url('/a')],
    )
  })

  it('is not asked for metadata addresses, and may not be one', async () => {
    const { seen, port } = await startProxy()
    const { get } = connectUpstream({ proxy: { host: '127.0.0.1', port } })
    await assert.rejects(get('http://169.254.169.254/latest'), errorOf('invalid', 'address_refused'))
    assert.deepEqual(seen, [])
    const through = connectUpstream({ proxy: { host: '169.254.169.254', port: 80 } })
    await assert.rejects(through.get('http://upstream.test/'), errorOf('invalid', 'address_refused'))
  })
})
