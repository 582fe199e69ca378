import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { MemoryAuthorities, memoryAuthority } from '../testing/memory-authority.ts'

const dayMs = 24 * 3600 * 1000
const user = { kind: 'user', login: 'ann', id: '0123456789abcdef01234567' } as const
const consumer = { kind: 'consumer', id: 'web-1.example' } as const

function authorityOf(store: MemoryAuthorities, clock = { now: new Date() }) {
  return memoryAuthority({ store, now: () => clock.now })
}

describe('the authority', () => {
  it('is made with the first need, once for all processes, and keeps its key sealed', async () => {
    const store = new MemoryAuthorities()
    const [one, other] = [authorityOf(store), authorityOf(store)]
    const [issued] = await Promise.all([one.issue(consumer), other.issue(user)])
    assert.equal(await one.certificate(), await other.certificate())
    assert.deepEqual(await other.identify(issued.certificate), consumer)
    assert.doesNotMatch(JSON.stringify(store.stored), /PRIVATE KEY/)
    const own = new X509Certificate(await one.certificate())
    assert.deepEqual([own.ca, own.verify(own.publicKey)], [true, true])
  })

  it('gives users and consumers names and times as Pulp does, with an RSA key in PKCS #1', async () => {
    const authority = authorityOf(new MemoryAuthorities())
    for (const [subject, name, days] of [
      [user, `admin:ann:${user.id}`, 7],
      [consumer, 'web-1.example', 3650],
    ] as const) {
      const { key, certificate } = await authority.issue(subject)
      assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----/)
      const made = new X509Certificate(certificate)
      assert.ok(made.checkPrivateKey(createPrivateKey(key)))
      assert.equal(made.subject, `CN=${name}`)
      assert.ok(Math.abs(made.validToDate.getTime() - Date.now() - days * dayMs) < dayMs / 2)
      assert.deepEqual([await authority.identify(certificate), await authority.identify(made.raw)], [subject, subject])
    }
  })

  it('knows nobody by a certificate that is out of date, though it was known a moment before', async () => {
    const clock = { now: new Date() }
    const authority = authorityOf(new MemoryAuthorities(), clock)
    const { certificate } = await authority.issue(user)
    clock.now = new Date(Date.now() + 7 * dayMs - 30_000)
    assert.deepEqual(await authority.identify(certificate), user)
    clock.now = new Date(clock.now.getTime() + 40_000)
    assert.equal(await authority.identify(certificate), undefined)
    clock.now = new Date(Date.now() - 2 * dayMs)
    assert.equal(await authorityOf(new MemoryAuthorities(), clock).identify(certificate), undefined)
  })

  it('knows nobody by the certificate of another authority, of a server, of itself, or by what is none', async () => {
    const authority = authorityOf(new MemoryAuthorities())
    const foreign = await authorityOf(new MemoryAuthorities()).issue(user)
    const server = await authority.issueForServer(['web-1.example', '127.0.0.1'])
    for (const none of [foreign.certificate, server.certificate, await authority.certificate(), 'text', Buffer.of(1)]) {
      assert.equal(await authority.identify(none), undefined)
    }
  })

  it('believes the names of authorities that the settings trust, but not their ids', async () => {
    const old = memoryAuthority()
    const oldCertificate = new X509Certificate(await old.certificate())
    const authority = memoryAuthority({ trusted: async () => [oldCertificate] })
    const [ann, web, server] = [await old.issue(user), await old.issue(consumer), await old.issueForServer(['web-1'])]
    assert.deepEqual(await authority.identify(ann.certificate), { ...user, id: null })
    assert.deepEqual(await authority.identify(web.certificate), consumer)
    assert.equal(await authority.identify(server.certificate), undefined)
    const late = memoryAuthority({ trusted: async () => [oldCertificate], now: () => oldCertificate.validToDate })
    assert.equal(await late.identify(web.certificate), undefined)
  })

  it('certifies a server under all its names', async () => {
    const authority = authorityOf(new MemoryAuthorities())
    const { certificate } = await authority.issueForServer(['deckle.example', 'localhost', '127.0.0.1', '::1'])
    const made = new X509Certificate(certificate)
    assert.ok(made.verify(new X509Certificate(await authority.certificate()).publicKey))
    assert.deepEqual([made.checkHost('deckle.example'), made.checkHost('localhost')], ['deckle.example', 'localhost'])
    assert.deepEqual([made.checkIP('127.0.0.1'), made.checkIP('::1')], ['127.0.0.1', '::1'])
  })

  it('is not left half open by a store that fails once', async () => {
    const store = new MemoryAuthorities()
    const authority = authorityOf(store)
    store.away = true
    await assert.rejects(authority.certificate(), /away/)
    store.away = false
    assert.match(await authority.certificate(), /BEGIN CERTIFICATE/)
  })
})
