import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import type { Actor } from '../../core/managed.ts'
import type { Resource, ResourceType } from '../../core/resource.ts'
import { admin, inProject, managedOver, newServersResources, rowOf } from '../../testing/managed-bench.ts'
import type { MemoryResources } from '../../testing/memory-resources.ts'
import { rememberImage } from './images.ts'
import { ManagedRegistryLogins } from './registries.ts'

const ann: Actor = { role: 'user', account: 77, project: null, name: 'ann' }
const project = inProject(5)

function refusal(code: string, field: string) {
  return { kind: 'invalid', details: { code, fields: [field] } }
}

let resources: MemoryResources
let bench: ReturnType<typeof managedOver>
beforeEach(async () => {
  resources = await newServersResources()
  bench = managedOver(resources)
})

const create = async (type: ResourceType, fields: JsonObject, by: Actor = project): Promise<Resource> => {
  const { resource } = await bench.operations.create(type, fields, by)
  assert.equal(resource.state, 'registering')
  await bench.life.idle()
  return rowOf(resources, resource)
}
const act = async (resource: Resource, ...actions: ('deactivate' | 'remove' | 'purge' | 'restore')[]) => {
  for (const action of actions) {
    await bench.operations.act(await rowOf(resources, resource), action, admin)
    await bench.life.idle()
  }
  return rowOf(resources, resource)
}

describe('resources that are made', () => {
  it('belong to the project, carry a name, and become active', async () => {
    const task = await create('pullTask', { name: 'n', description: 'd', image: '', labels: { a: 'b' }, mode: 'all' })
    const { owner, name, description, state, data } = task
    assert.deepEqual([owner, name, description, state], [5, 'n', 'd', 'registering'], 'it pulls')
    assert.deepEqual(data, { image: '', labels: { a: 'b' }, mode: 'all' })
  })

  it('need a project where they belong to one', async () => {
    for (const type of ['pullTask', 'registry', 'registrationToken', 'register'] as const) {
      const fields = { image: 'x', serverAddress: 'x', key: 'x' }
      await assert.rejects(bench.operations.create(type, fields, ann), { kind: 'forbidden' })
    }
  })

  it('are refused with text that no database keeps', async () => {
    for (const image of ['a\0', '\ud800']) {
      await assert.rejects(create('pullTask', { image }), refusal('InvalidCharacters', 'image'))
    }
    await assert.rejects(
      create('pullTask', { image: 'x', labels: { 'a\0': '' } }),
      refusal('InvalidCharacters', 'labels'),
    )
  })

  it('come by themselves where nobody makes them', async () => {
    for (const type of ['host', 'image', 'storagePool', 'agentKey'] as const) {
      await assert.rejects(bench.operations.create(type, {}, admin), { kind: 'forbidden' })
    }
  })
})

describe('a pull task', () => {
  it('keeps what it was asked for beyond the original', async () => {
    const host = await resources.create({ type: 'host', owner: 5, state: 'active', data: {} })
    const wanted = { image: 'x', retries: 2, timeoutSeconds: 9, pullPolicy: 'Always', hostIds: [host.key] }
    assert.deepEqual((await create('pullTask', { ...wanted, parallelism: '25%' })).data, {
      ...wanted,
      parallelism: '25%',
    })
    assert.deepEqual((await create('pullTask', { image: 'x', parallelism: '12', name: null })).data, {
      image: 'x',
      parallelism: 12,
    })
  })

  it('refuses what is no parallelism, and hosts of others', async () => {
    for (const parallelism of ['0', '0%', '101%', '-1', '1.5', 'x', '']) {
      await assert.rejects(create('pullTask', { image: 'x', parallelism }), refusal('InvalidFormat', 'parallelism'))
    }
    const other = await resources.create({ type: 'host', owner: 4, state: 'active', data: {} })
    for (const key of [other.key, 4711, 'x', 5]) {
      await assert.rejects(create('pullTask', { image: 'x', hostIds: [key] }), refusal('InvalidReference', 'hostIds'))
    }
  })
})

describe('a registry', () => {
  it('has its address alone in the project, whatever its case', async () => {
    const quay = await create('registry', { serverAddress: 'Quay.io' })
    assert.deepEqual([quay.data, quay.identity], [{ serverAddress: 'Quay.io' }, 'quay.io'])
    const used = refusal('ServerAddressUsed', 'serverAddress')
    await assert.rejects(create('registry', { serverAddress: 'QUAY.IO' }), used)
    await create('registry', { serverAddress: 'quay.io' }, inProject(4))
    await act(quay, 'deactivate', 'remove')
    await create('registry', { serverAddress: 'quay.io' })
    await assert.rejects(act(quay, 'restore'), used)
  })

  it('does not take a conflict of states for one of addresses', async () => {
    const quay = await act(await create('registry', { serverAddress: 'q' }), 'deactivate', 'remove')
    const both = [1, 2].map(() => bench.operations.act(quay, 'restore', admin))
    const lost = (await Promise.allSettled(both)).find((end) => end.status === 'rejected')
    assert.equal(lost?.reason.kind, 'conflict')
  })

  it('takes its credentials along when it is purged', async () => {
    const [quay, other] = [
      await create('registry', { serverAddress: 'q' }),
      await create('registry', { serverAddress: 'o' }),
    ]
    const own = await create('registryCredential', { registryId: quay.key, email: 'e' })
    const strange = await create('registryCredential', { registryId: other.key, email: 'e' })
    await act(quay, 'deactivate', 'remove')
    assert.equal((await rowOf(resources, own)).state, 'active')
    await act(quay, 'purge')
    assert.deepEqual(
      [(await rowOf(resources, own)).state, (await rowOf(resources, strange)).state],
      ['removed', 'active'],
    )
  })
})

describe('a registry credential', () => {
  const find = (address: string, owner = 5) => new ManagedRegistryLogins(resources, bench.sealer).find(owner, address)

  it('logs in at its registry, and shows its password to nobody', async () => {
    const quay = await create('registry', { serverAddress: 'Quay.io' })
    const fields = { registryId: quay.key, email: 'a@b', publicValue: 'u', secretValue: 'pässword' }
    const credential = await create('registryCredential', fields)
    assert.ok(!JSON.stringify(credential).includes('pässword') && credential.data['secretValue'] === undefined)
    const login = { serverAddress: 'Quay.io', username: 'u', password: 'pässword', email: 'a@b' }
    assert.deepEqual(await find('quay.IO'), login)
    await bench.operations.update(credential, { secretValue: 'new', email: 'c@d' }, project)
    assert.deepEqual(await find('quay.io'), { ...login, password: 'new', email: 'c@d' })
    await bench.operations.update(credential, { secretValue: null }, project)
    assert.equal((await find('quay.io'))?.password, '')
  })

  it('is the oldest active one of an active registry of the project', async () => {
    assert.equal(await find('quay.io'), undefined)
    const quay = await create('registry', { serverAddress: 'quay.io' })
    assert.equal(await find('quay.io'), undefined)
    const logIn = (name: string) =>
      create('registryCredential', { registryId: quay.key, publicValue: name, email: 'e' })
    const [first] = [await logIn('first'), await logIn('second')]
    assert.equal((await find('quay.io'))?.username, 'first')
    assert.equal(await find('quay.io', 4), undefined)
    await act(first, 'deactivate')
    assert.equal((await find('quay.io'))?.username, 'second')
    await act(quay, 'deactivate')
    assert.equal(await find('quay.io'), undefined)
  })

  it('belongs to a registry of its project', async () => {
    const other = await create('registry', { serverAddress: 'q' }, inProject(4))
    for (const registryId of [other.key, 4711, 'x']) {
      await assert.rejects(
        create('registryCredential', { registryId, email: 'e' }),
        refusal('InvalidReference', 'registryId'),
      )
    }
  })
})

describe('a project', () => {
  it('is owned by the user who makes it, and changed by its owners alone', async () => {
    const zoo = await create('project', { name: 'zoo' }, ann)
    assert.deepEqual(zoo.data['members'], [{ externalId: 'ann', externalIdType: 'deckle_user', role: 'owner' }])
    const members = [
      { externalId: 'bob', role: 'member' },
      { externalId: 'ann', role: 'owner' },
    ]
    const changed = await bench.operations.update(zoo, { members, name: 'Zoo' }, ann)
    assert.deepEqual([changed.state, changed.name], ['updating-active', 'Zoo'])
    await bench.life.idle()
    const now = await rowOf(resources, zoo)
    for (const by of [{ ...ann, name: 'bob' }, { ...ann, name: 'eve' }, inProject(zoo.key)]) {
      await assert.rejects(bench.operations.update(now, { name: 'x' }, by), { kind: 'forbidden' })
      await assert.rejects(bench.operations.act(now, 'deactivate', by), { kind: 'forbidden' })
    }
  })

  it('refuses members that it could not tell from others', async () => {
    const wrong = [
      ['x', 'InvalidFormat'],
      [[{}], 'InvalidFormat'],
      [[{ externalId: 'a', role: 'readonly' }], 'InvalidOption'],
    ] as const
    for (const [members, code] of wrong) {
      await assert.rejects(create('project', { members } as JsonObject, ann), refusal(code, 'members'))
    }
  })

  it('takes everything in it along when it is purged', async () => {
    const zoo = await create('project', { name: 'zoo' }, ann)
    const inside = inProject(zoo.key)
    const registry = await create('registry', { serverAddress: 'q' }, inside)
    const credential = await create('registryCredential', { registryId: registry.key, email: 'e' }, inside)
    const task = await create('pullTask', { image: 'x' }, inside)
    const outside = await create('registry', { serverAddress: 'q' })
    await act(zoo, 'deactivate', 'remove', 'purge')
    for (const one of [registry, credential, task])
      assert.equal((await rowOf(resources, one)).state, 'removed', one.type)
    assert.equal((await rowOf(resources, outside)).state, 'active')
  })
})

describe('resources that are changed', () => {
  it('change name and description in passing, and the labels of a host in a transition', async () => {
    const host = await resources.create({
      type: 'host',
      owner: 5,
      state: 'active',
      data: { labels: { a: '1' }, info: {} },
    })
    const named = await bench.operations.update(host, { name: 'n' }, project)
    assert.deepEqual([named.state, named.name], ['active', 'n'])
    const labelled = await bench.operations.update(named, { labels: { b: '2' } }, project)
    assert.deepEqual([labelled.state, labelled.data], ['updating-active', { labels: { b: '2' }, info: {} }])
    await assert.rejects(bench.operations.update(labelled, { labels: {} }, project), { kind: 'conflict' })
    await bench.life.idle()
    assert.equal((await rowOf(resources, host)).state, 'active')
  })

  it('stay as they are once they are removed', async () => {
    const image = await resources.create({ type: 'image', owner: 5, state: 'removed', data: {} })
    await assert.rejects(bench.operations.update(image, { name: 'n' }, admin), { kind: 'conflict' })
  })

  it('are those of the project alone, or of a project of the user', async () => {
    const image = await resources.create({ type: 'image', owner: 5, state: 'active', data: {} })
    const zoo = await create('project', {}, ann)
    const own = await resources.create({ type: 'image', owner: zoo.key, state: 'active', data: {} })
    await assert.rejects(bench.operations.act(image, 'deactivate', inProject(4)), { kind: 'not-found' })
    await assert.rejects(bench.operations.act(image, 'deactivate', ann), { kind: 'not-found' })
    assert.equal((await bench.operations.act(own, 'deactivate', ann)).state, 'deactivating')
    const account = await rowOf(resources, { key: 1 })
    await assert.rejects(bench.operations.update(account, { name: 'x' }, ann), { kind: 'forbidden' })
  })

  it('leave the account of the administrators alone', async () => {
    const account = await rowOf(resources, { key: 1 })
    await assert.rejects(bench.operations.act(account, 'deactivate', admin), refusal('ActionNotAvailable', 'action'))
  })
})

describe('an image', () => {
  const remember = async () => {
    const image = await rememberImage(bench, 5, 'busybox:latest')
    await bench.life.idle()
    return rowOf(resources, image)
  }

  it('is one row for a full name in a project, however often it is reported', async () => {
    const [one, other] = await Promise.all([remember(), remember()])
    assert.equal(one.key, other.key)
    assert.deepEqual([one.name, one.identity, one.state], ['busybox:latest', 'busybox:latest', 'active'])
  })

  it('stays inactive or removed, and is another one after the purge', async () => {
    const image = await remember()
    await act(image, 'deactivate')
    assert.equal((await remember()).state, 'inactive')
    await act(image, 'remove')
    assert.deepEqual([(await remember()).key, (await remember()).state], [image.key, 'removed'])
    await act(image, 'purge')
    const next = await remember()
    assert.deepEqual([next.key !== image.key, next.state], [true, 'active'])
  })
})
