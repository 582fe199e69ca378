import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import type { LifeAction, LifeState } from '../../core/life-cycle.ts'
import type { Resource, ResourceStore, ResourceType } from '../../core/resource.ts'
import { dyingResources } from '../../testing/dying-resources.ts'
import { admin, ManualPulls, managedOver, newServersResources, rowOf } from '../../testing/managed-bench.ts'

/** What a resource brings along, by what must have become of it when its action is over. */
type Company = (store: ResourceStore, main: Resource) => Promise<readonly Resource[]>

interface Case {
  readonly type: ResourceType
  readonly action: LifeAction
  readonly from: LifeState
  readonly end: LifeState
  readonly company?: Company
}

const owned = async (store: ResourceStore, type: ResourceType, owner: number, data: JsonObject = {}) =>
  store.create({ type, owner, state: 'active', data })

const cases: readonly Case[] = [
  { type: 'image', action: 'create', from: 'requested', end: 'active' },
  { type: 'image', action: 'deactivate', from: 'active', end: 'inactive' },
  { type: 'image', action: 'restore', from: 'removed', end: 'inactive' },
  { type: 'host', action: 'update', from: 'active', end: 'active' },
  {
    ...{ type: 'host', action: 'remove', from: 'inactive', end: 'removed' },
    company: async (store, { key }) => [await owned(store, 'agentKey', key), await owned(store, 'agentKey', key)],
  },
  {
    ...{ type: 'registry', action: 'purge', from: 'removed', end: 'purged' },
    company: async (store, { key }) => [
      await owned(store, 'registryCredential', 5, { registryId: key }),
      await owned(store, 'registryCredential', 5, { registryId: key }),
    ],
  },
  {
    ...{ type: 'project', action: 'purge', from: 'removed', end: 'purged' },
    company: async (store, { key }) => [
      await owned(store, 'host', key),
      await owned(store, 'registry', key),
      await owned(store, 'apiKey', key),
    ],
  },
  { type: 'pullTask', action: 'create', from: 'requested', end: 'active' },
  { type: 'pullTask', action: 'deactivate', from: 'active', end: 'inactive' },
  { type: 'pullTask', action: 'remove', from: 'inactive', end: 'removed' },
]

/** One action in a process that dies at a step; returns whether it lived through it. */
async function actAndDie(
  { type, action, from, end, company }: Case,
  death: { at: number; after: boolean },
): Promise<boolean> {
  const store = await newServersResources()
  const pulls = new ManualPulls()
  const owner = type === 'project' ? null : 5
  const main = await store.create({ type, owner, state: from, data: {} })
  const others = (await company?.(store, main)) ?? []
  const { dying, calls } = dyingResources(store, death)
  const dead = managedOver(dying, pulls)
  await dead.life.act(main, action).catch(() => undefined)
  await dead.life.idle()
  const lived = calls() < death.at
  await sweep(store, pulls)
  const begun = (await rowOf(store, main)).state !== from || from === end
  const about = `${action} of ${type}, dead at ${JSON.stringify(death)}`
  assert.equal((await rowOf(store, main)).state, begun ? end : from, about)
  assert.ok(begun || death.at === 1, `${about}: only the first call may come to nothing`)
  for (const other of others) {
    const { state } = await rowOf(store, other)
    assert.equal(state, begun ? 'removed' : 'active', `${about}: ${other.type}`)
  }
  assert.equal(pulls.pulling.size, 0, about)
  return lived
}

/** What the sweeper of another process does in a while. */
async function sweep(store: ResourceStore, pulls: ManualPulls): Promise<void> {
  const { sweeper, life } = managedOver(store, pulls)
  for (let look = 0; look < 4; look++) {
    await sweeper.look()
    await life.idle()
    if ((await store.unsettled(0, 1)).length > 0 && pulls.pulling.size > 0) pulls.pulling.clear()
  }
}

describe('a process that dies', () => {
  for (const one of cases) {
    it(`in the middle of ${one.action} of ${one.type} leaves nothing that another does not finish`, async () => {
      for (const after of [false, true]) {
        let at = 1
        while (!(await actAndDie(one, { at, after }))) at += 1
        assert.ok(at > 2, 'it has some steps to die at')
      }
    })
  }

  it('while it makes a resource leaves none, or one that comes to life', async () => {
    const types: readonly (readonly [ResourceType, JsonObject])[] = [
      ['registry', { serverAddress: 'quay.io' }],
      ['pullTask', { image: 'busybox' }],
      ['apiKey', {}],
      ['register', { key: 'host-1' }],
    ]
    for (const [type, fields] of types) {
      for (let at = 1, lived = false; !lived; at++) {
        const store = await newServersResources()
        const pulls = new ManualPulls()
        const { dying, calls } = dyingResources(store, { at, after: true })
        const dead = managedOver(dying, pulls)
        await dead.operations.create(type, fields, admin).catch(() => undefined)
        await dead.life.idle()
        lived = calls() < at
        await sweep(store, pulls)
        const query = { types: [type], filters: [], limit: 9, offset: 0 }
        const left = (await store.list(query)).map(({ state }) => state)
        assert.ok(left.every((state) => state === 'active') && left.length <= 1, `${type} at ${at}: ${left.join()}`)
        assert.deepEqual(await store.unsettled(0, 9), [])
      }
    }
  })
})
