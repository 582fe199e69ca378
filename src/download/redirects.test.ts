import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorOf } from '../testing/blob-store-contract.ts'
import { connectUpstream, neverAborts } from '../testing/downloads.ts'
import { UpstreamServer } from '../testing/upstream-server.ts'
import type { DownloaderOptions } from './undici-downloader.ts'

const secret = { username: 'mirror', password: 'hunter2' }
const basic = `Basic ${Buffer.from('mirror:hunter2').toString('base64')}`

describe('redirects', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`are followed on ${status}, and the response names where they led`, async () => {
      const server = await UpstreamServer.start({ '/old/a': { status, redirect: '../new/a' }, '/new/a': 'here' })
      const { upstream, get } = connectUpstream()
      assert.equal(String(await get(server.url('/old/a'))), 'here')
      const url = await upstream.download(server.url('/old/a'), async (_, response) => response.url, neverAborts)
      assert.equal(url, server.url('/new/a'))
    })
  }

  it('are followed five times, no more', async () => {
    const hops = Object.fromEntries([0, 1, 2, 3, 4, 5].map((n) => [`/${n}`, { redirect: `/${n + 1}` }]))
    const server = await UpstreamServer.start({ ...hops, '/6': 'here' })
    const { get } = connectUpstream()
    assert.equal(String(await get(server.url('/1'))), 'here')
    await assert.rejects(get(server.url('/0')), errorOf('upstream', 'too_many_redirects'))
  })

  for (const redirect of ['file:///etc/passwd', 'ftp://host/file', 'http://[broken', '']) {
    it(`to ${JSON.stringify(redirect)} fail`, async () => {
      const server = await UpstreamServer.start({ '/a': redirect === '' ? { status: 302 } : { redirect } })
      const { get } = connectUpstream({}, { feedFolders: ['/etc'] })
      await assert.rejects(get(server.url('/a')), errorOf('upstream', 'bad_redirect'))
    })
  }

  it('start from the top when the file breaks there', async () => {
    const server = await UpstreamServer.start({ '/a': { redirect: '/b' }, '/b': [{ status: 503 }, { body: 'here' }] })
    assert.equal(String(await connectUpstream().get(server.url('/a'))), 'here')
    assert.deepEqual(server.paths, ['/a', '/b', '/a', '/b'])
  })
})

describe('credentials', () => {
  it('go to the upstream, also after a redirect that stays there', async () => {
    const server = await UpstreamServer.start({ '/a': { redirect: '/b' }, '/b': 'here' })
    await connectUpstream({ basicAuth: secret }).get(server.url('/a'))
    assert.deepEqual(authorizations(server), [basic, basic])
  })

  it('may stand in the URL, and win over the settings', async () => {
    const server = await UpstreamServer.start({ '/a': { redirect: '/b' }, '/b': 'here' })
    const url = server.url('/a').replace('//', '//us%40er:p%3Aw@')
    await connectUpstream({ basicAuth: secret }).get(url)
    const expected = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`
    assert.deepEqual(authorizations(server), [expected, expected])
  })

  for (const inUrl of [false, true]) {
    it(`${inUrl ? 'of the URL' : 'of the settings'} are not carried to another origin`, async () => {
      const other = await UpstreamServer.start({ '/b': 'here' })
      const server = await UpstreamServer.start({ '/a': { redirect: other.url('/b') } })
      const url = inUrl ? server.url('/a').replace('//', '//mirror:hunter2@') : server.url('/a')
      await connectUpstream(inUrl ? {} : { basicAuth: secret }).get(url)
      assert.deepEqual(authorizations(server), [basic])
      assert.deepEqual(authorizations(other), [undefined])
    })
  }

  it('that a redirect brings along are not used', async () => {
    const other = await UpstreamServer.start({ '/b': 'here' })
    const server = await UpstreamServer.start({ '/a': { redirect: other.url('/b').replace('//', '//x:y@') } })
    await connectUpstream().get(server.url('/a'))
    assert.deepEqual(authorizations(other), [undefined])
  })

  it('are for the feed only, where the settings name it', async () => {
    const feed = await UpstreamServer.start({ '/a': 'here' })
    const other = await UpstreamServer.start({ '/b': 'here' })
    const { get } = connectUpstream({ basicAuth: secret, feed: feed.url('/') })
    await get(feed.url('/a'))
    await get(other.url('/b'))
    assert.deepEqual(authorizations(feed), [basic])
    assert.deepEqual(authorizations(other), [undefined])
  })

  it('are in no error message', async () => {
    const server = await UpstreamServer.start()
    const url = server.url('/absent?token=abc123&arch=x86').replace('//', '//mirror:hunter2@')
    await assert.rejects(connectUpstream().get(url), (error: unknown) => {
      assert.match(String(error), /absent\?token=\*+&arch=x86/)
      assert.doesNotMatch(String(error), /hunter2|abc123/)
      return true
    })
  })
})

describe('addresses', () => {
  /** Pretends that 127.0.0.1, where the test servers are, is the public network; 127.0.0.2 stays private. */
  const publicLoopback: DownloaderOptions = {
    addressScope: (address) => {
      if (address.startsWith('169.254.')) return 'forbidden'
      return address === '127.0.0.1' ? 'public' : 'private'
    },
    resolve: async (hostname) => [{ address: hosts[hostname] ?? '', family: 4 }],
  }
  const hosts: Record<string, string> = {
    'public.test': '127.0.0.1',
    'inner.test': '127.0.0.2',
    'metadata.test': '169.254.169.254',
  }

  it('of metadata services are refused, by number and by name', async () => {
    const { get } = connectUpstream({}, publicLoopback)
    for (const url of ['http://169.254.169.254/latest', 'http://[::ffff:169.254.1.1]/', 'http://metadata.test/']) {
      const real = url.includes('[') ? connectUpstream().get(url) : get(url)
      await assert.rejects(real, (error: unknown) => {
        assert.match(String(error), /DECKLE_UPSTREAM_ALLOW/)
        return errorOf('invalid', 'address_refused')(error)
      })
    }
  })

  for (const host of [
    '2852039166',
    '0xa9.0xfe.43518',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.254.169.254.',
    '[::ffff:a9fe:a9fe]',
  ]) {
    it(`of metadata services are refused also when written as ${host}`, async () => {
      await assert.rejects(connectUpstream().get(`http://${host}/latest`), errorOf('invalid', 'address_refused'))
      const server = await UpstreamServer.start({ '/a': { redirect: `http://${host}/latest` } })
      await assert.rejects(connectUpstream().get(server.url('/a')), errorOf('upstream', 'address_refused'))
    })
  }

  it(': of several that a name has, only those are connected to that may be', async () => {
    const server = await UpstreamServer.start({ '/a': { redirect: '' }, '/b': 'public' })
    const inner = await UpstreamServer.start({ '/b': 'inner' }, { host: '127.0.0.2' })
    const resolve = async () => ['169.254.169.254', '127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }))
    const { get } = connectUpstream({}, { ...publicLoopback, resolve })
    server.put('/a', { redirect: `http://both.test:${server.port}/b` })
    assert.equal(String(await get(server.url('/a'))), 'public')
    server.put('/a', { redirect: `http://both.test:${inner.port}/b` })
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'unreachable'))
    assert.equal(inner.requests.length, 0)
  })

  for (const target of ['http://127.0.0.2:9/', 'http://inner.test:9/', 'http://metadata.test:9/', 'http://[::1]:9/']) {
    it(`: a public upstream may not redirect to ${target}`, async () => {
      const server = await UpstreamServer.start({ '/a': { redirect: target } })
      const { get, clock } = connectUpstream({}, publicLoopback)
      const url = `http://public.test:${server.port}/a`
      await assert.rejects(get(url), errorOf('upstream', 'address_refused'))
      assert.deepEqual(clock.sleeps, [])
    })
  }

  it(': a public upstream stays public over several redirects', async () => {
    const server = await UpstreamServer.start({ '/a': { redirect: '/b' }, '/b': { redirect: 'http://inner.test:9/' } })
    const { get } = connectUpstream({}, publicLoopback)
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'address_refused'))
  })

  it(': a connection that was opened directly is not lent to a redirect', async () => {
    const inner = await UpstreamServer.start({ '/b': 'inner' }, { host: '127.0.0.2' })
    const server = await UpstreamServer.start({ '/a': { redirect: inner.url('/b') } })
    const { get } = connectUpstream({}, publicLoopback)
    assert.equal(String(await get(inner.url('/b'))), 'inner')
    await assert.rejects(get(server.url('/a')), errorOf('upstream', 'address_refused'))
    assert.equal(inner.requests.length, 1)
  })

  it(': what is listed in DECKLE_UPSTREAM_ALLOW may be redirected to', async () => {
    const inner = await UpstreamServer.start({ '/b': 'inner' }, { host: '127.0.0.2' })
    const server = await UpstreamServer.start({ '/a': { redirect: `http://inner.test:${inner.port}/b` } })
    for (const allow of ['inner.test', '127.0.0.2', '127.0.0.0/30']) {
      const { get } = connectUpstream({}, { ...publicLoopback, allow: [allow] })
      assert.equal(String(await get(server.url('/a'))), 'inner')
    }
  })

  it(': a private upstream may redirect to private addresses', async () => {
    const other = await UpstreamServer.start({ '/b': 'here' }, { host: '127.0.0.2' })
    const server = await UpstreamServer.start({ '/a': { redirect: other.url('/b') } })
    assert.equal(String(await connectUpstream().get(server.url('/a'))), 'here')
  })

  it(': metadata of a public feed may not name private hosts either', async () => {
    const { get } = connectUpstream({ feed: 'http://public.test/' }, publicLoopback)
    await assert.rejects(get('http://inner.test:9/a.rpm'), errorOf('upstream', 'address_refused'))
  })

  it(': a name that answers differently the second time gains nothing', async () => {
    const server = await UpstreamServer.start({ '/a': 'here' })
    const answers = ['127.0.0.1', '169.254.169.254']
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }]
    const { get } = connectUpstream({}, { ...publicLoopback, resolve })
    await get(`http://rebinding.test:${server.port}/a`)
    await server.close()
    await assert.rejects(get(`http://rebinding.test:${server.port}/a`), errorOf('invalid', 'address_refused'))
  })
})

function authorizations(server: UpstreamServer): (string | undefined)[] {
  return server.requests.map((request) => request.headers.authorization)
}
