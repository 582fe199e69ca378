import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { admin, inProject, managedOver, newServersResources, rowOf } from '../../testing/managed-bench.ts'
import { MemoryAccess } from '../../testing/memory-access.ts'
import type { MemoryResources } from '../../testing/memory-resources.ts'
import { ActorAuthenticator } from './authenticate-actor.ts'
import { ManagedHostDoor } from './host-door.ts'

const refused = { kind: 'unauthenticated' }
const facts = { identity: 'host-1', hostname: 'h1.example', labels: { zone: 'eu' } }

describe('hosts', () => {
  let resources: MemoryResources
  let bench: ReturnType<typeof managedOver>
  let door: ManagedHostDoor
  let token: string
  beforeEach(async () => {
    resources = await newServersResources()
    bench = managedOver(resources)
    const authenticateUser = () => Promise.reject(new Error('no user asks here'))
    const services = { resources, users: new MemoryAccess().users, authenticateUser, accessControl: true }
    door = new ManagedHostDoor(bench, new ActorAuthenticator(services))
    token = String((await newToken()).data['token'])
  })

  const newToken = async () => {
    const { resource } = await bench.operations.create('registrationToken', {}, inProject(5))
    await bench.life.idle()
    return resource
  }
  const basic = ({ accessKey, secretKey }: { accessKey: string; secretKey: string }) =>
    `Basic ${Buffer.from(`${accessKey}:${secretKey}`).toString('base64')}`
  const remove = async (key: number) => {
    for (const action of ['deactivate', 'remove'] as const) {
      await bench.operations.act(await rowOf(resources, { key }), action, admin)
      await bench.life.idle()
    }
  }

  it('join with the token of a project and log in with keys of their own', async () => {
    assert.match(token, /^[0-9A-F]{20}:\d+:[A-Za-z0-9]{27}$/)
    const { host, ...keys } = await door.register({ token, ...facts })
    await bench.life.idle()
    const row = await rowOf(resources, host)
    assert.deepEqual([row.owner, row.name, row.identity, row.state], [5, 'h1.example', 'host-1', 'active'])
    assert.deepEqual([row.data['hostname'], row.data['labels']], ['h1.example', { zone: 'eu' }])
    assert.match(keys.accessKey, /^[0-9A-F]{20}$/)
    assert.match(keys.secretKey, /^[A-Za-z0-9]{40}$/)
    assert.equal((await door.authenticate(basic(keys))).key, host.key)
    const all = await resources.list({ types: ['agentKey', 'host', 'register'], filters: [], limit: 9, offset: 0 })
    assert.ok(!JSON.stringify(all).includes(keys.secretKey), 'the secret is not kept')
  })

  it('that register again are the same, with new keys, and keep their name and labels', async () => {
    const first = await door.register({ token, ...facts, name: 'eins' })
    const second = await door.register({ token, ...facts, hostname: 'h2.example', labels: {} })
    await bench.life.idle()
    assert.equal(second.host.key, first.host.key)
    assert.deepEqual([second.host.name, second.host.data['hostname']], ['eins', 'h2.example'])
    assert.deepEqual(second.host.data['labels'], { zone: 'eu' })
    await assert.rejects(door.authenticate(basic(first)), refused)
    assert.equal((await door.authenticate(basic(second))).key, first.host.key)
  })

  it('that register twice at once have one pair of keys that works', async () => {
    await door.register({ token, ...facts })
    const both = await Promise.all([door.register({ token, ...facts }), door.register({ token, ...facts })])
    await bench.life.idle()
    const good = await Promise.allSettled(both.map((keys) => door.authenticate(basic(keys))))
    assert.equal(good.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('need a token that is known, whole, active, and of a project that is', async () => {
    const other = await newToken()
    const secret = token.split(':')[2] ?? ''
    const wrong = [
      '',
      'x',
      token.slice(0, -1),
      `${token}x`,
      token.replace(secret, 'A'.repeat(27)),
      token.split(':')[0] ?? '',
    ]
    for (const one of wrong) {
      await assert.rejects(door.register({ token: one, ...facts }), refused, one)
      assert.equal(await door.knows(one), false, one)
    }
    assert.equal(await door.knows(token), true)
    await bench.operations.act(await rowOf(resources, other), 'deactivate', admin)
    const dead = String(other.data['token'])
    await assert.rejects(door.register({ token: dead, ...facts }), refused)
    assert.equal(await door.knows(dead), false)
    await bench.life.idle()
    await resources.change(5, ['active'], { state: 'inactive' })
    await assert.rejects(door.register({ token, ...facts }), refused)
  })

  it('that are removed log in no more; one that registers again is another host', async () => {
    const { host, ...keys } = await door.register({ token, ...facts })
    await bench.life.idle()
    await remove(host.key)
    await assert.rejects(door.authenticate(basic(keys)), refused)
    const again = await door.register({ token, ...facts })
    assert.notEqual(again.host.key, host.key)
    assert.equal((await door.authenticate(basic(again))).key, again.host.key)
  })

  it('log in with nothing but the whole pair', async () => {
    const { accessKey, secretKey } = await door.register({ token, ...facts })
    const wrong = [undefined, '', 'Basic', `Bearer ${secretKey}`, basic({ accessKey, secretKey: '' })]
    const more = [basic({ accessKey: '', secretKey }), basic({ accessKey, secretKey: `${secretKey}x` })]
    for (const header of [...wrong, ...more]) await assert.rejects(door.authenticate(header), refused)
  })

  it('register through the resource too, once or again', async () => {
    const register = async () => {
      const made = await bench.operations.create('register', { key: 'k' }, inProject(5))
      await bench.life.idle()
      return made
    }
    const [first, second] = [await register(), await register()]
    assert.equal(first.resource.key, second.resource.key)
    const keys = { accessKey: String(second.once?.['accessKey']), secretKey: String(second.once?.['secretKey']) }
    assert.deepEqual(second.resource.data['accessKey'], keys.accessKey)
    const host = await door.authenticate(basic(keys))
    assert.deepEqual([host.identity, host.state, host.key], ['k', 'active', second.resource.data['hostId']])
    assert.equal((await rowOf(resources, second.resource)).state, 'active')
    assert.ok(!JSON.stringify(second.resource).includes(keys.secretKey))
  })
})
