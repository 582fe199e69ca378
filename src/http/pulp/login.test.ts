import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { DeckleError, toErrorReport } from '../../core/errors.ts'
import type { Permission } from '../../core/permission.ts'
import { memoryAuthority } from '../../testing/memory-authority.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { admit } from './admit.ts'
import { printErrorReport } from './error-details.ts'

const root = '/pulp/api/v2/'

/** With a consumer `web`, and `ann`, who may read one repository. */
async function peopled() {
  const server = new PulpServer({ services: { consumerExists: async (id) => ['web', 'search'].includes(id) } })
  await server.call('POST', 'users/', { login: 'ann', password: 'correct horse' })
  await server.access.grants.give({ login: 'ann', resource: '/v2/repositories/zoo/', operations: ['read'] })
  const login = async (who: string) =>
    (await server.call('POST', 'actions/login/', undefined, { authorization: who })).json
  return { server, login }
}

function tryWith(
  { services }: PulpServer,
  certificate: string,
  path: string,
  wanted: Permission = 'read',
  header?: string,
) {
  return admit(
    services,
    { authorization: header, certificate: () => new X509Certificate(certificate).raw },
    [wanted],
    `${root}${path}`,
  )
}

function refusedAs(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof DeckleError)
    const { status, details, extra } = printErrorReport(toErrorReport(error))
    assert.deepEqual([status, details.code, Object.keys(extra)], [401, code, ['auth_error_code']])
    return true
  }
}

describe('A certificate of a user', () => {
  it('is given by logging in, with its key and nothing else', async () => {
    const { server, login } = await peopled()
    const made = await login('ann')
    assert.deepEqual(Object.keys(made).sort(), ['certificate', 'key'])
    const certificate = new X509Certificate(made.certificate)
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.key)))
    const { _id } = (await server.call('GET', 'users/ann/')).json
    assert.equal(certificate.subject, `CN=admin:ann:${_id.$oid}`)
  })

  it('stands for the user, with what they may do', async () => {
    const { server, login } = await peopled()
    const { certificate } = await login('ann')
    assert.equal((await tryWith(server, certificate, 'repositories/zoo/'))?.login, 'ann')
    await assert.rejects(tryWith(server, certificate, 'repositories/other/'), refusedAs('PLP0026'))
    await assert.rejects(tryWith(server, certificate, 'repositories/zoo/', 'delete'), refusedAs('PLP0026'))
  })

  it('is not looked at beside a header', async () => {
    const { server, login } = await peopled()
    const { certificate } = await login('ann')
    assert.equal((await tryWith(server, certificate, 'repositories/zoo/', 'read', 'admin'))?.login, 'admin')
    await assert.rejects(tryWith(server, certificate, 'repositories/zoo/', 'read', 'nobody'), refusedAs('PLP0025'))
  })

  it('is worth nothing once the user is deleted, though another one has the login then', async () => {
    const { server, login } = await peopled()
    const { certificate } = await login('ann')
    await server.call('DELETE', 'users/ann/')
    await assert.rejects(tryWith(server, certificate, 'repositories/zoo/'), refusedAs('PLP0027'))
    await server.call('POST', 'users/', { login: 'ann' })
    await assert.rejects(tryWith(server, certificate, 'users/ann/'), refusedAs('PLP0027'))
  })

  it('is worth nothing when it is out of date, or of another authority, unless that one is trusted', async () => {
    const { login } = await peopled()
    const { certificate } = await login('ann')
    const later = memoryAuthority({ now: () => new Date(Date.now() + 8 * 24 * 3600 * 1000) })
    for (const authority of [later, memoryAuthority()]) {
      const other = new PulpServer({ services: { authority } })
      await assert.rejects(tryWith(other, certificate, 'repositories/'), refusedAs('PLP0027'))
    }
    const old = memoryAuthority()
    const authority = memoryAuthority({ trusted: async () => [new X509Certificate(await old.certificate())] })
    const { certificate: given } = await old.issue({ kind: 'user', login: 'admin', id: '0'.repeat(24) })
    assert.equal((await tryWith(new PulpServer({ services: { authority } }), given, 'tasks/'))?.login, 'admin')
  })
})

describe('A certificate of a consumer', () => {
  it('opens everything below the consumer, and repositories to read', async () => {
    const { server } = await peopled()
    const { certificate } = await server.services.authority.issue({ kind: 'consumer', id: 'web' })
    assert.equal(await tryWith(server, certificate, 'consumers/web/', 'delete'), undefined)
    await tryWith(server, certificate, 'consumers/web/bindings/', 'create')
    await tryWith(server, certificate, 'repositories/zoo/')
    const closed = [
      ...(['consumers/', 'consumers/web2/', 'consumers/%77eb2/', 'tasks/', 'users/'] as const),
      'consumers/web%2F..%2Fother/',
    ]
    for (const path of closed) await assert.rejects(tryWith(server, certificate, path), refusedAs('PLP0026'), path)
    await assert.rejects(tryWith(server, certificate, 'repositories/zoo/', 'update'), refusedAs('PLP0026'))
    await assert.rejects(tryWith(server, certificate, 'consumers/', 'create'), refusedAs('PLP0026'))
  })

  it('opens no calls that are named like it', async () => {
    const { server } = await peopled()
    const { certificate } = await server.services.authority.issue({ kind: 'consumer', id: 'search' })
    await assert.rejects(tryWith(server, certificate, 'consumers/search/'), refusedAs('PLP0026'))
  })

  it('is worth nothing once the consumer is gone', async () => {
    const { server } = await peopled()
    const { certificate } = await server.services.authority.issue({ kind: 'consumer', id: 'gone' })
    await assert.rejects(tryWith(server, certificate, 'repositories/'), refusedAs('PLP0027'))
  })
})

describe('The public key of the server', () => {
  it('is there for everybody', async () => {
    const server = new PulpServer()
    const answer = await server.app.inject('/pulp/static/rsa_pub.key')
    assert.equal(answer.statusCode, 200)
    const authority = new X509Certificate(await server.services.authority.certificate())
    assert.ok(createPublicKey(answer.body).equals(authority.publicKey))
  })
})
