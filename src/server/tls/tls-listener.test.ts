import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { type Log, silentLog } from '../../core/log.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { TestAuthority, type TestCertificate } from '../../testing/test-authority.ts'
import { type Handler, listen } from '../http-server.ts'
import { TlsIdentities } from './tls-identities.ts'

let authority: TestAuthority
before(async () => {
  authority = await TestAuthority.make()
})

const answer: Handler = (_request, response) => {
  response.end('here')
  return true
}

/** A listener whose files can be replaced; it looks at them when it is told to. */
async function start(t: TestContext, pairs: readonly TestCertificate[], log: Log = silentLog) {
  const folder = await temporaryFolder()
  const files = pairs.map((_, index) => ({
    certificate: join(folder, `${index}.pem`),
    key: join(folder, `${index}.key`),
  }))
  const put = async (index: number, { certificate, key }: TestCertificate) => {
    await writeFile(files[index]?.certificate ?? '', certificate)
    await writeFile(files[index]?.key ?? '', key)
  }
  for (const [index, pair] of pairs.entries()) await put(index, pair)
  const tls = await TlsIdentities.open({ files, log, everyMs: 3_600_000 })
  const server = await listen('127.0.0.1', 0, [answer], { tls })
  t.after(() => server.close())
  t.after(() => tls.close())
  return { server, tls, put, files }
}

/** The certificate that somebody gets who asks for a name. */
async function certificateFor(port: number, servername?: string): Promise<PeerCertificate> {
  const socket = await opened(port, servername)
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  return certificate
}

async function opened(port: number, servername?: string): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...(servername && { servername }) })
  await once(socket, 'secureConnect')
  return socket
}

function get(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', servername: 'one.test', ca: authority.certificate, agent })
    call.on('error', reject)
    call.on('response', async (response) => {
      try {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(text)
      } catch (error) {
        reject(error)
      }
    })
    call.end()
  })
}

describe('The TLS listener', () => {
  it('shows each client the certificate of the name it asks for, else the first', async (t) => {
    const pairs = [
      await authority.server(['one.test', 'both.test']),
      await authority.server(['two.test', '*.wild.test']),
    ]
    const { server } = await start(t, pairs)
    const names = [undefined, 'one.test', 'both.test', 'two.test', 'a.wild.test', 'unknown.test']
    const shown = await Promise.all(names.map(async (name) => (await certificateFor(server.port, name)).subject.CN))
    assert.deepEqual(shown, ['one.test', 'one.test', 'one.test', 'two.test', 'two.test', 'one.test'])
    assert.match(server.url, /^https:/)
  })

  it('takes new files up for new connections, and old connections go on', async (t) => {
    const { server, tls, put } = await start(t, [await authority.server(['one.test'])])
    const old = await opened(server.port, 'one.test')
    await put(0, await authority.server(['one.test', 'new.test']))
    await tls.reload()
    for (const name of ['one.test', undefined]) {
      assert.match((await certificateFor(server.port, name)).subjectaltname ?? '', /new\.test/)
    }
    old.write('GET / HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of old) text += chunk
    assert.match(text, /^HTTP\/1\.1 200 .*here$/s)
  })

  it('keeps what it has when new files are broken or do not fit, says so once, and takes good ones up again', async (t) => {
    const warnings: unknown[] = []
    const log: Log = { ...silentLog, warn: (_message, fields) => void warnings.push(fields?.['reason']) }
    const first = await authority.server(['one.test'])
    const { server, tls, files, put } = await start(t, [first], log)
    const other = await TestAuthority.make('other')
    const [own] = files
    for (const broken of ['', 'no PEM', first.certificate.slice(0, 300), other.certificate]) {
      await writeFile(own?.certificate ?? '', broken)
      await tls.reload()
      await tls.reload()
      assert.equal((await certificateFor(server.port)).subject.CN, 'one.test')
    }
    assert.equal(warnings.length, 4)
    assert.match(String(warnings[3]), /the key is not the key of the certificate/)
    await put(0, await authority.server(['two.test']))
    await tls.reload()
    assert.equal((await certificateFor(server.port)).subject.CN, 'two.test')
  })

  it('does not start with files that cannot be used, and names them', async () => {
    const files = [{ certificate: '/nowhere/one.pem', key: '/nowhere/one.key' }]
    await assert.rejects(TlsIdentities.open({ files, log: silentLog }), /TLS cannot use \/nowhere\/one\.pem: .*ENOENT/)
  })

  it('drops nothing while its certificate is replaced under load', async (t) => {
    const pairs = await Promise.all([
      authority.server(['one.test', 'a.test']),
      authority.server(['one.test', 'b.test']),
    ])
    const [a, b] = pairs
    assert.ok(a !== undefined && b !== undefined)
    const { server, tls, put } = await start(t, [a])
    const kept = new Agent({ keepAlive: true, maxSockets: 4 })
    const fresh = new Agent({ keepAlive: false, maxSockets: 4 })
    t.after(() => kept.destroy())
    let swapping = true
    const answered = [kept, fresh].map(async (agent) => {
      let count = 0
      while (swapping) {
        const answers = await Promise.all(Array.from({ length: 4 }, () => get(server.port, agent)))
        assert.deepEqual(new Set(answers), new Set(['here']))
        count += answers.length
      }
      return count
    })
    for (let swap = 0; swap < 20; swap++) {
      await put(0, swap % 2 === 0 ? b : a)
      await tls.reload()
      await certificateFor(server.port)
    }
    swapping = false
    const counts = await Promise.all(answered)
    t.diagnostic(`${counts.join(' and ')} requests`)
    assert.ok(counts.every((count) => count >= 20))
  })

  it('asks clients for a certificate and needs none; it does not let them go on where they left off', async (t) => {
    const { server } = await start(t, [await authority.server(['one.test'])])
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion }
      const sessions: Buffer[] = []
      const socket = connect(options)
      socket.on('session', (session) => sessions.push(session))
      socket.end('GET / HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n')
      socket.resume()
      await once(socket, 'close')
      for (const session of sessions) {
        const again = connect({ ...options, session })
        await once(again, 'secureConnect')
        assert.equal(again.isSessionReused(), false, maxVersion)
        again.destroy()
      }
    }
  })

  it('speaks no TLS older than 1.2, and survives clients that speak none', async (t) => {
    const { server } = await start(t, [await authority.server(['one.test'])])
    const plain = connectPlain(server.port, '127.0.0.1')
    plain.on('error', () => undefined)
    plain.write('GET / HTTP/1.1\r\n\r\n')
    await once(plain, 'close')
    const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false }
    const old = connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await assert.rejects(once(old, 'secureConnect'))
    assert.equal((await certificateFor(server.port)).subject.CN, 'one.test')
  })
})
