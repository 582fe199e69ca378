import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { Actor } from '../../core/managed.ts'
import { superUsers } from '../../core/user.ts'
import { admin, inProject, managedOver, newServersResources, rowOf } from '../../testing/managed-bench.ts'
import { MemoryAccess } from '../../testing/memory-access.ts'
import type { MemoryResources } from '../../testing/memory-resources.ts'
import { Authenticator } from '../authenticate.ts'
import { hashPassword } from '../passwords.ts'
import { ActorAuthenticator } from './authenticate-actor.ts'

const refused = { kind: 'unauthenticated' }
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const passwordHash = await hashPassword('pw')

describe('who acts', () => {
  let resources: MemoryResources
  let bench: ReturnType<typeof managedOver>
  let access: MemoryAccess
  let actors: ActorAuthenticator
  beforeEach(async () => {
    resources = await newServersResources()
    bench = managedOver(resources)
    access = new MemoryAccess()
    await access.users.add({ login: 'root', name: 'Root', passwordHash, roles: [superUsers] })
    await access.users.add({ login: 'admin', name: 'Admin', passwordHash, roles: [superUsers] })
    await access.users.add({ login: 'ann', name: 'Ann', passwordHash, roles: [] })
    actors = open(true)
  })

  function open(accessControl: boolean): ActorAuthenticator {
    const authenticator = new Authenticator(access.users)
    const authenticateUser = (header: string | undefined) => authenticator.authenticate(header)
    return new ActorAuthenticator({ resources, users: access.users, authenticateUser, accessControl })
  }
  const newKey = async (by: Actor, fields = {}) => {
    const { resource, once } = await bench.operations.create('apiKey', fields, by)
    const header = basic(String(once?.['publicValue']), String(once?.['secretValue']))
    return { resource, header, secret: String(once?.['secretValue']) }
  }
  const asAnn = () => actors.authenticate(basic('ann', 'pw'))

  it('is the administrator for super-users, and an account of his own for other users, the same each time', async () => {
    assert.deepEqual(await actors.authenticate(basic('root', 'pw')), {
      role: 'admin',
      account: 1,
      project: null,
      name: 'root',
    })
    const ann = await asAnn()
    assert.deepEqual([ann.role, ann.project, ann.name], ['user', null, 'ann'])
    assert.deepEqual(await asAnn(), ann)
    const account = await resources.get(['account'], ann.account)
    assert.deepEqual([account.name, account.state, account.data['kind']], ['Ann', 'active', 'user'])
  })

  it('has one account when he comes twice at once', async () => {
    const both = await Promise.all([asAnn(), asAnn()])
    assert.equal(both[0].account, both[1].account)
  })

  it('is nobody with a wrong password or without credentials, or when his account is not active', async () => {
    for (const header of [undefined, '', basic('ann', 'x'), basic('eve', 'pw'), 'Bearer x', 'Digest x']) {
      await assert.rejects(actors.authenticate(header), refused)
    }
    const { account } = await asAnn()
    await resources.change(account, ['active'], { state: 'inactive' })
    await assert.rejects(asAnn(), refused)
  })

  it('is the project for a key of a project, from the answer that told it on', async () => {
    const { header, resource, secret } = await newKey(inProject(5))
    assert.deepEqual(await actors.authenticate(header), { role: 'project', account: 5, project: 5, name: 'Default' })
    assert.match(secret, /^[A-Za-z0-9]{40}$/)
    assert.match(resource.identity ?? '', /^[0-9A-F]{20}$/)
    assert.ok(!JSON.stringify(resource).includes(secret), 'the secret is not kept')
    await bench.life.idle()
    assert.equal((await actors.authenticate(header)).role, 'project')
  })

  it('is nobody with a key that is deactivated or removed, whose secret is another, or whose project is not active', async () => {
    const { header, resource } = await newKey(inProject(5))
    const access = resource.identity ?? ''
    await assert.rejects(actors.authenticate(basic(access, 'x')), refused)
    await assert.rejects(actors.authenticate(basic(access, '')), refused)
    await assert.rejects(actors.authenticate(basic('0'.repeat(20), 'x')), refused)
    await bench.life.idle()
    await resources.change(5, ['active'], { state: 'inactive' })
    await assert.rejects(actors.authenticate(header), refused)
    await resources.change(5, ['inactive'], { state: 'active' })
    for (const action of ['deactivate', 'remove'] as const) {
      await bench.operations.act(await rowOf(resources, resource), action, admin)
      await bench.life.idle()
      await assert.rejects(actors.authenticate(header), refused, action)
    }
  })

  it('is the user for a key of his account, as long as there is one', async () => {
    const ann = await asAnn()
    const { header } = await newKey(ann)
    assert.deepEqual(await actors.authenticate(header), ann)
    await access.users.remove('ann', '/v2/users/ann/')
    await assert.rejects(actors.authenticate(header), refused)
  })

  it('is the administrator for a key that one made, as long as he is one', async () => {
    const { header } = await newKey(await actors.authenticate(basic('root', 'pw')))
    assert.equal((await actors.authenticate(header)).role, 'admin')
    await access.users.change('root', { leave: [superUsers] })
    await assert.rejects(actors.authenticate(header), refused)
  })

  it('gets a key for somebody else from administrators alone', async () => {
    const ann = await asAnn()
    const { header } = await newKey(admin, { accountId: ann.account })
    assert.deepEqual(await actors.authenticate(header), ann)
    await assert.rejects(newKey(ann, { accountId: 1 }), { kind: 'forbidden' })
    await assert.rejects(newKey(inProject(5), { accountId: 1 }), { kind: 'forbidden' })
    for (const accountId of [4711, 'x']) {
      const refusal = { kind: 'invalid', details: { code: 'InvalidReference', fields: ['accountId'] } }
      await assert.rejects(newKey(admin, { accountId }), refusal)
    }
  })

  it('is not a host: keys of agents open no API', async () => {
    const { once } = await bench.operations.create('register', { key: 'k' }, inProject(5))
    const header = basic(String(once?.['accessKey']), String(once?.['secretKey']))
    assert.equal((await actors.authenticateAgent(header)).identity, 'k')
    await assert.rejects(actors.authenticate(header), refused)
    await assert.rejects(actors.authenticateAgent((await newKey(inProject(5))).header), refused)
  })

  it('is the administrator, whatever he sends, where nobody is asked', async () => {
    const all = open(false)
    for (const header of [undefined, basic('None', 'None'), basic('', ''), basic('ann', 'x'), 'Bearer x']) {
      assert.deepEqual(await all.authenticate(header), { role: 'admin', account: 1, project: null, name: 'admin' })
    }
  })

  it('may act in all active projects, in those whose member he is, or in his own', async () => {
    const ann = await asAnn()
    const { resource: zoo } = await bench.operations.create('project', {}, ann)
    assert.deepEqual(await actors.projectsOf(ann), [], 'it is not active yet')
    await bench.life.idle()
    await resources.change(2, ['active'], { state: 'inactive' })
    assert.deepEqual(await actors.projectsOf(ann), [zoo.key])
    assert.deepEqual(await actors.projectsOf({ ...ann, name: 'bob' }), [])
    assert.deepEqual(await actors.projectsOf(admin), [3, 4, 5, zoo.key])
    assert.deepEqual(await actors.projectsOf(inProject(5)), [5])
    assert.deepEqual(await actors.projectsOf(inProject(2)), [])
  })
})
