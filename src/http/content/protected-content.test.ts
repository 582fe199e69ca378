import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { createServer as createSecureServer, request as requestSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { checkClients } from '../../certificates/check-client.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { ContentResolver } from '../../operations/resolve-content.ts'
import { contentPlugins } from '../../testing/content-plugins.ts'
import { text } from '../../testing/entitlements.ts'
import { MemoryPublishedContent } from '../../testing/memory-published-content.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { TestAuthority, type TestCertificate } from '../../testing/test-authority.ts'
import { createContentHandler } from './content-handler.ts'
import type { ProxyTrust } from './visitors.ts'

const zoo = '/pulp/repos/zoo'

let authority: TestAuthority
let ann: TestCertificate
let server: TestCertificate
before(async () => {
  authority = await TestAuthority.make()
  ann = await authority.client('ann')
  server = await authority.server(['localhost'])
})

interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly as?: TestCertificate
}

describe('Content', () => {
  const held = suiteBlobs()
  const opened: (() => void)[] = []
  after(() => opened.map((close) => close()))

  /** What is published, on both protocols; `https` asks over TLS. */
  async function start(options: { hasTls?: boolean; log?: Log; trustProxy?: ProxyTrust } = {}) {
    const { hasTls = true, log = silentLog, trustProxy = false } = options
    const content = new MemoryPublishedContent()
    const resolver = await ContentResolver.open({
      ...{ content, plugins: contentPlugins, log, hasTls },
      checkClient: checkClients(),
    })
    const handler = createContentHandler({ resolver, blobs: held.store, log, trustProxy })
    const plain = createServer(handler)
    const { certificate: cert, key } = server
    const secure = createSecureServer({ cert, key, requestCert: true, rejectUnauthorized: false }, handler)
    for (const each of [plain, secure]) {
      each.listen(0, '127.0.0.1')
      await once(each, 'listening')
      opened.push(() => each.close().closeAllConnections())
    }
    opened.push(() => resolver.close())
    const ask = async (protocol: 'http' | 'https', path: string, { as, ...asked }: Asked = {}) => {
      const { port } = (protocol === 'https' ? secure : plain).address() as AddressInfo
      const shown = { rejectUnauthorized: false, ...(as && { cert: as.certificate, key: as.key }) }
      const where = { host: '127.0.0.1', port, path, agent: false, ...asked }
      const call = protocol === 'https' ? requestSecure({ ...where, ...shown }) : request(where)
      call.end()
      const [answer] = (await once(call, 'response')) as [IncomingMessage]
      const body = Buffer.concat(await Array.fromAsync<Buffer>(answer)).toString()
      return { status: answer.statusCode, body }
    }
    return { content, ask }
  }

  async function fileOf(bytes: string) {
    const sha256 = await storeBlob(held.store, bytes)
    const size = bytes.length
    return {
      file: { size, sha256, mediaType: null, rope: [{ sha256, offset: 0, length: size }], lastModified: new Date(0) },
    }
  }

  it('that is protected is shown in all its forms to those whom its authority vouches for, and to nobody else', async () => {
    const { content, ask } = await start()
    content.publish(zoo, { 'a.rpm': await fileOf('a package'), 'b/c.rpm': await fileOf('another') }, { 'd.rpm': null })
    content.configure(zoo, { ca: authority.certificate })
    const stranger = await (await TestAuthority.make()).client('ann')
    const targets: [path: string, status: number, asked?: Asked][] = [
      [`${zoo}/a.rpm`, 200],
      [`${zoo}/a.rpm`, 200],
      [`${zoo}/a.rpm`, 200, { method: 'HEAD' }],
      [`${zoo}/a.rpm`, 206, { headers: { range: 'bytes=0-3' } }],
      [`${zoo}/d.rpm`, 503],
      [`${zoo}/d.rpm`, 503, { method: 'HEAD' }],
      [`${zoo}/`, 200],
      [`${zoo}/b/`, 200],
      [`${zoo}/b`, 301],
      [zoo, 301],
      [`${zoo}/nothing`, 404],
      [`/pulp//repos/%7aoo/a.rpm`, 200],
    ]
    for (const [path, status, asked] of targets) {
      assert.equal((await ask('https', path, { ...asked, as: ann })).status, status, path)
      for (const as of [undefined, stranger]) {
        const refused = await ask('https', path, { ...asked, ...(as && { as }) })
        assert.equal(refused.status, 403, path)
        if (asked?.method !== 'HEAD') assert.match(refused.body, /This is protected: .*client certificate/)
      }
      const plain = await ask('http', path, asked)
      assert.equal(plain.status, 403, path)
      if (asked?.method !== 'HEAD') assert.match(plain.body, /never goes over plain HTTP: ask over HTTPS/)
    }
    assert.equal((await ask('https', `${zoo}/a.rpm?at=2026-03-04T05:06:08Z`)).status, 403)
  })

  it('that is protected is named in the pages above it', async () => {
    const { content, ask } = await start()
    content.publish(zoo, { 'a.rpm': await fileOf('a package') })
    content.configure(zoo, { ca: authority.certificate })
    await ask('https', `${zoo}/`)
    for (const protocol of ['http', 'https'] as const) {
      assert.match((await ask(protocol, '/pulp/repos/')).body, /zoo/)
      assert.equal((await ask(protocol, '/pulp/repos/listing')).body, 'zoo')
    }
  })

  it('is shown for the paths of an entitlement only', async () => {
    const { content, ask } = await start()
    for (const path of [`${zoo}/7/os`, `${zoo}/8/debug`]) {
      content.publish(path, { 'a.rpm': await fileOf('a package') })
      content.configure(path, { ca: authority.certificate })
    }
    const extensions = { '1.3.6.1.4.1.2312.9.2.1.1.6': text('/zoo/$releasever/os') }
    const as = await authority.client('ann', { extensions })
    assert.equal((await ask('https', `${zoo}/7/os/a.rpm`, { as })).status, 200)
    assert.equal((await ask('https', `${zoo}/8/debug/a.rpm`, { as })).status, 403)
    assert.equal((await ask('https', `${zoo}/8/debug/a.rpm`, { as: ann })).status, 200)
  })

  it('is shown through a chain that the client brings along', async () => {
    const { content, ask } = await start()
    content.publish(zoo, { 'a.rpm': await fileOf('a package') })
    content.configure(zoo, { ca: authority.certificate })
    const below = await authority.below('department')
    const { certificate, key } = await below.client('bob')
    const whole = { certificate: certificate + below.certificate, key }
    assert.equal((await ask('https', `${zoo}/a.rpm`, { as: { certificate, key } })).status, 403)
    assert.equal((await ask('https', `${zoo}/a.rpm`, { as: whole })).status, 200)
  })

  it('of before is not shown to those who could not have seen it, nor may see what is there now', async () => {
    const { content, ask } = await start()
    content.publish(zoo, { 'old.rpm': await fileOf('old') })
    content.configure(zoo, { ca: authority.certificate })
    content.publish(zoo, { 'new.rpm': await fileOf('new') })
    assert.equal((await ask('https', `${zoo}/new.rpm`)).status, 200)
    assert.equal((await ask('https', `${zoo}/old.rpm`)).status, 404)
    assert.equal((await ask('https', `${zoo}/old.rpm`, { as: ann })).status, 200)
    content.publish(zoo, { 'newest.rpm': await fileOf('newest') })
    content.configure(zoo, { ca: authority.certificate })
    content.announce(zoo)
    await ask('https', `${zoo}/nothing`)
    assert.equal((await ask('https', `${zoo}/new.rpm`)).status, 403)
    assert.equal((await ask('https', `${zoo}/new.rpm`, { as: ann })).status, 200)
  })

  it('answers on its protocols, and on the other as if it were not there', async () => {
    const { content, ask } = await start()
    const both = ['http', 'https'] as const
    for (const http of [true, false]) {
      for (const https of [true, false]) {
        const path = `${zoo}-${http}-${https}`
        content.publish(path, { 'a.rpm': await fileOf('a package') })
        content.configure(path, { http, https })
        const statuses = await Promise.all(both.map(async (protocol) => (await ask(protocol, `${path}/a.rpm`)).status))
        assert.deepEqual(statuses, [http ? 200 : 404, https ? 200 : 404])
      }
    }
    assert.match((await ask('http', `${zoo}-false-true/a.rpm`)).body, /over HTTPS only/)
  })

  it('is all on HTTP without TLS, which the log says once, but not what is protected', async () => {
    const warnings: string[] = []
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
    const { content, ask } = await start({ hasTls: false, log })
    const config = { http: false, https: true }
    for (const path of [zoo, `${zoo}2`]) content.publish(path, { 'a.rpm': await fileOf('a package') })
    content.configure(zoo, config)
    content.configure(`${zoo}2`, { ...config, ca: authority.certificate })
    for (let turn = 0; turn < 3; turn++) {
      assert.equal((await ask('http', `${zoo}/a.rpm`)).status, 200)
      const refused = await ask('http', `${zoo}2/a.rpm`)
      assert.equal(refused.status, 403)
      assert.match(refused.body, /the server needs TLS first \(DECKLE_TLS\)/)
    }
    assert.deepEqual(warnings, [
      'a publication for HTTPS only is served over plain HTTP: TLS is off',
      'a protected publication is served to nobody: TLS is off',
    ])
  })

  it('takes the word of a trusted proxy for the protocol, and of nobody else', async () => {
    const headers = { 'x-forwarded-proto': 'https' }
    for (const [trustProxy, status] of [
      [false, 404],
      [true, 200],
      [['127.0.0.0/8'], 200],
      [['127.0.0.1'], 200],
      [['10.0.0.0/8'], 404],
    ] as const) {
      const { content, ask } = await start({ trustProxy })
      content.publish(zoo, { 'a.rpm': await fileOf('a package') })
      content.configure(zoo, { http: false })
      assert.equal((await ask('http', `${zoo}/a.rpm`, { headers })).status, status, String(trustProxy))
      assert.equal((await ask('http', `${zoo}/a.rpm`)).status, 404)
      content.publish(`${zoo}2`, { 'a.rpm': await fileOf('a package') })
      content.configure(`${zoo}2`, { ca: authority.certificate })
      assert.equal((await ask('http', `${zoo}2/a.rpm`, { headers, as: ann })).status, 403)
    }
  })
})
