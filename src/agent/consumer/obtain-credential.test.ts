import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../../core/log.ts'
import { consumerPem } from '../../testing/consumer-credentials.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { isForConsumer, readConsumerOptions } from './consumer-options.ts'
import { obtainCredential } from './obtain-credential.ts'

describe('the credential of a consumer', () => {
  async function start(t: TestContext, status = 201, answer?: object) {
    const requests: (readonly [string | undefined, string | undefined, unknown])[] = []
    const pem = await consumerPem('east')
    const server = createServer(async (request, response) => {
      const body: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString())
      requests.push([request.url, request.headers.authorization, body])
      response.writeHead(status).end(JSON.stringify(answer ?? { consumer: { id: 'east' }, certificate: pem }))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const folder = await temporaryFolder()
    const stateFolder = join(folder, 'state')
    const obtain = (more = {}) =>
      obtainCredential({
        server: { url, ca: undefined, userAgent: 'test' },
        ...{ consumer: 'east', certificate: undefined, registrar: {}, stateFolder, log: silentLog },
        ...more,
      })
    return { requests, obtain, folder, stateFolder, pem }
  }

  it('is got by registering, and kept for its owner alone', async (t) => {
    const { requests, obtain, folder, stateFolder, pem } = await start(t)
    await writeFile(join(folder, 'password'), 'secret\nmore\n')
    const registrar = { user: 'admin', passwordFile: join(folder, 'password') }
    const [made, again] = [await obtain({ registrar }), await obtain()]
    const basic = `Basic ${Buffer.from('admin:secret').toString('base64')}`
    assert.deepEqual(requests, [['/pulp/api/v2/consumers/', basic, { id: 'east' }]])
    assert.equal(made.certificate, again.certificate)
    const kept = join(stateFolder, 'consumer-east.pem')
    assert.equal(await readFile(kept, 'utf8'), pem)
    assert.deepEqual([(await stat(kept)).mode & 0o777, (await stat(stateFolder)).mode & 0o777], [0o600, 0o700])
    const { requests: others, obtain: byToken } = await start(t)
    await byToken({ registrar: { token: 'abc' } })
    assert.equal(others[0]?.[1], 'Bearer abc')
  })

  it('is that of the file that was named, in any order', async (t) => {
    const { requests, obtain, folder, pem } = await start(t)
    const certificate = join(folder, 'east.pem')
    const blocks = pem.split(/(?<=-----END [^\n]*\n)/)
    await writeFile(certificate, `${blocks.toReversed().join('\n')}\n`)
    assert.match((await obtain({ certificate })).certificate, /^-----BEGIN CERTIFICATE/)
    assert.deepEqual(requests, [])
  })

  it('is refused when it is not whole, or somebody else’s, or not to be had', async (t) => {
    const { obtain, folder, stateFolder, pem } = await start(t)
    const certificate = join(folder, 'bad.pem')
    await assert.rejects(obtain({ certificate }), { kind: 'invalid', message: /cannot be read/ })
    await assert.rejects(obtain(), { kind: 'invalid', message: /no certificate of consumer east/ })
    for (const [text, reason] of [
      ['', /does not have both/],
      [await consumerPem('west'), /has the certificate of west/],
      [pem.replace(/(BEGIN CERTIFICATE-----)\n..../, '$1\nAAAA'), /certificate in .* cannot be read/],
      [pem.replace(/(PRIVATE KEY-----)\n..../, '$1\nAAAA'), /private key in .* cannot be read/],
    ] as const) {
      await writeFile(certificate, text)
      await assert.rejects(obtain({ certificate }), { kind: 'invalid', message: reason })
    }
    await mkdir(stateFolder)
    await writeFile(join(stateFolder, 'consumer-east.pem'), await consumerPem('west'))
    await assert.rejects(obtain(), { kind: 'invalid', message: /of west/ })
  })

  it('is not made twice: the server tells, and the agent says what to do', async (t) => {
    const registrar = { token: 'abc' }
    const taken = await start(t, 409, {})
    await assert.rejects(taken.obtain({ registrar }), {
      kind: 'forbidden',
      message: /registered at .* already.*--certificate/,
    })
    const denied = await start(t, 401, { error: { description: 'Who are you?' } })
    await assert.rejects(denied.obtain({ registrar }), { kind: 'forbidden', message: /\(401\): Who are you\?$/ })
    const broken = await start(t, 500, {})
    await assert.rejects(broken.obtain({ registrar }), { kind: 'upstream' })
  })
})

describe('the command line of a consumer’s agent', () => {
  const read = (...args: string[]) => readConsumerOptions(['--consumer', 'east', ...args], { DECKLE_TOKEN: 'abc' })

  it('is told from that of a host', () => {
    assert.ok(isForConsumer(['--url', 'http://a', '--consumer', 'east']) && isForConsumer(['--consumer=east']))
    assert.ok(!isForConsumer(['--url', 'http://a', '--name', 'consumer']))
  })

  it('has sensible defaults', () => {
    assert.deepEqual(read('--url', 'http://deckle:8080/'), {
      ...{ url: 'http://deckle:8080', consumer: 'east', certificate: undefined, registrar: { token: 'abc' } },
      ...{ stateFolder: undefined, ca: undefined, root: '/', packageCommand: ['dnf'], allowReboot: false },
      ...{ profileMinutes: 240, once: false },
    })
    assert.equal(read('--help'), 'help')
  })

  it('is refused with what cannot be run', () => {
    for (const args of [
      [],
      ['--url', 'http://a', '--user', 'admin'],
      ['--url', 'http://a', '--profile-minutes', '0'],
      ['--url', 'http://a', '--package-command', ' '],
      ['--url', 'http://a', '--token', 'x'],
      ['--url', 'http://a', '--consumer', 'a/b'],
    ]) {
      assert.throws(() => read(...args), { kind: 'invalid' }, args.join(' '))
    }
  })
})
