// Runs in a process of its own: it stops the clock.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { silentLog } from '../../core/log.ts'
import { eventually } from '../../testing/eventually.ts'
import { memoryAuthority } from '../../testing/memory-authority.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ensureIdentity, identityNames, keepIdentity } from './generated-identity.ts'
import { tlsIdentity } from './tls-identity.ts'

const hourMs = 3600 * 1000
const dayMs = 24 * hourMs

async function prepared() {
  const path = join(await temporaryFolder(), 'tls', 'server.pem')
  const options = { authority: memoryAuthority(), path, names: ['deckle.test', '127.0.0.1'], log: silentLog }
  await ensureIdentity(options)
  return options
}

describe('The certificate that the server makes for itself', () => {
  it('is of its own authority, for its names, beside its key in a file that nobody else may read', async () => {
    const { path, authority } = await prepared()
    const text = await readFile(path, 'utf8')
    const { leaf } = tlsIdentity({ certificate: text, key: text })
    assert.ok(leaf.verify(new X509Certificate(await authority.certificate()).publicKey))
    assert.deepEqual([leaf.checkHost('deckle.test'), leaf.checkIP('127.0.0.1')], ['deckle.test', '127.0.0.1'])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('stays while it is good, and is renewed long before it ends', async () => {
    const options = await prepared()
    const first = await readFile(options.path, 'utf8')
    const inDays = (days: number) => ({ ...options, now: () => new Date(Date.now() + days * dayMs) })
    assert.equal(await ensureIdentity(inDays(300)), false)
    assert.equal(await readFile(options.path, 'utf8'), first)
    assert.equal(await ensureIdentity(inDays(310)), true)
    assert.notEqual(await readFile(options.path, 'utf8'), first)
  })

  it('is looked at every hour while the server runs, and a failure is told and tried again', async (t) => {
    const options = await prepared()
    const first = await readFile(options.path, 'utf8')
    const failures: unknown[] = []
    const log = { ...silentLog, error: (_message: string, fields?: object) => void failures.push(fields) }
    let away = true
    const authority = Object.assign(memoryAuthority(), {
      certificate: () => (away ? Promise.reject(new Error('away')) : options.authority.certificate()),
      issueForServer: (names: readonly string[]) => options.authority.issueForServer(names),
    })
    t.mock.timers.enable({ apis: ['setInterval'] })
    const kept = keepIdentity({ ...options, authority, log, now: () => new Date(Date.now() + 320 * dayMs) })
    t.mock.timers.tick(hourMs)
    await eventually(() => failures.length === 1)
    assert.deepEqual(failures, [{ reason: 'away' }])
    away = false
    t.mock.timers.tick(hourMs)
    await eventually(async () => (await readFile(options.path, 'utf8')) !== first)
    kept.stop()
  })

  it('is made anew for other names, and for another authority', async () => {
    const options = await prepared()
    assert.equal(await ensureIdentity({ ...options, names: ['127.0.0.1'] }), false)
    assert.equal(await ensureIdentity({ ...options, names: ['other.test'] }), true)
    assert.equal(await ensureIdentity({ ...options, names: ['other.test'], authority: memoryAuthority() }), true)
  })

  it('is for the names of the settings, else for what the machine is reached by', () => {
    const config = { tlsNames: [], httpHost: '0.0.0.0', httpUrl: 'http://mirror.test:81/' }
    const names = identityNames(config)
    assert.equal(names[0], 'mirror.test')
    for (const name of ['localhost', '127.0.0.1', '::1']) assert.ok(names.includes(name))
    assert.ok(!names.includes('0.0.0.0'))
    assert.ok(identityNames({ ...config, httpHost: '192.0.2.7' }).includes('192.0.2.7'))
    assert.deepEqual(identityNames({ ...config, tlsNames: ['a.test'] }), ['a.test'])
  })
})
