import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { LifeState } from '../core/life-cycle.ts'
import type { NewResource, Resource, ResourceFilter, ResourceQuery, ResourceStore } from '../core/resource.ts'
import { eventually } from './eventually.ts'

type Make = () => Promise<ResourceStore>

/** What a store of managed resources promises. `make` gives one without resources. */
export function resourceContract(make: Make): void {
  rows(make)
  identities(make)
  changing(make)
  filters(make)
  pages(make)
  removal(make)
  housekeeping(make)
}

const allStates: readonly LifeState[] = [
  'active',
  'inactive',
  'registering',
  'removed',
  'removing',
  'purged',
  'purging',
]

/** A project and what makes rows in it. */
async function project(store: ResourceStore, name = 'p') {
  const owner = await store.create({ type: 'project', owner: null, name, state: 'active', data: {} })
  const add = (more: Partial<NewResource> = {}) =>
    store.create({ type: 'image', owner: owner.key, state: 'active', data: {}, ...more })
  const names = async (query: Partial<ResourceQuery> = {}) => {
    const found = await store.list({ types: ['image'], filters: [], limit: 100, offset: 0, ...query })
    return found.map((one) => one.name)
  }
  return { owner: owner.key, add, names }
}

function ago(seconds: number): Date {
  return new Date(Date.now() - seconds * 1000)
}

function rows(make: Make): void {
  it('keeps what it is given, and fills in the rest', async () => {
    const store = await make()
    const { owner } = await project(store)
    const data = { labels: { zone: 'eu' }, list: [1, 'two', null], deep: { a: { b: false } } }
    const made = await store.create({
      type: 'host',
      owner,
      name: 'h',
      description: 'd',
      state: 'requested',
      identity: 'i',
      data,
    })
    const { key, uuid, created, ...rest } = made
    assert.deepEqual(rest, {
      ...{ type: 'host', owner, name: 'h', description: 'd', state: 'requested', identity: 'i', data },
      ...{ removed: null, removeTime: null, message: null, progress: null, failed: false },
    })
    assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.ok(created instanceof Date && Math.abs(created.getTime() - Date.now()) < 600_000)
    assert.deepEqual(await store.get(['host'], key), made)
    assert.deepEqual(await store.get(['image', 'host'], key), made)
  })

  it('has keys and uuids that are unique over all types', async () => {
    const store = await make()
    const { add } = await project(store)
    const made = [await add(), await add({ type: 'host' }), await add({ type: 'account', owner: null })]
    assert.equal(new Set(made.map((one) => one.key)).size, 3)
    assert.equal(new Set(made.map((one) => one.uuid)).size, 3)
  })

  it('does not find a row that is not there, or of another type', async () => {
    const store = await make()
    const { key } = await (await project(store)).add()
    for (const wrong of [key + 1, 0, -1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      await assert.rejects(store.get(['image'], wrong), { kind: 'not-found' })
    }
    await assert.rejects(store.get(['host', 'pullTask'], key), { kind: 'not-found' })
  })
}

function identities(make: Make): void {
  it('holds one of an identity that is not removed, for each type and owner', async () => {
    const store = await make()
    const [{ owner, add }, other] = [await project(store), await project(store)]
    const first = await add({ identity: 'busybox' })
    await assert.rejects(add({ identity: 'busybox' }), { kind: 'conflict' })
    await add({ identity: 'Busybox' })
    await add({ identity: 'busybox', type: 'registry' })
    await other.add({ identity: 'busybox' })
    await add()
    await add()
    assert.equal((await store.find('image', owner, 'busybox'))?.key, first.key)
    assert.equal(await store.find('image', owner, 'nothing'), undefined)
    assert.equal(await store.find('host', owner, 'busybox'), undefined)
  })

  it('holds one of an identity that nobody owns', async () => {
    const store = await make()
    const account = { type: 'account', owner: null, state: 'active', identity: 'ann', data: {} } as const
    const made = await store.create(account)
    await assert.rejects(store.create(account), { kind: 'conflict' })
    assert.equal((await store.find('account', null, 'ann'))?.key, made.key)
  })

  it('finds by identity whoever owns it', async () => {
    const store = await make()
    const { add } = await project(store)
    const { key } = await add({ type: 'apiKey', identity: 'ABC' })
    assert.equal((await store.findAnywhere('apiKey', 'ABC'))?.key, key)
    assert.equal(await store.findAnywhere('registrationToken', 'ABC'), undefined)
  })

  it('forgets the identity of what is removed, and takes it back only while it is free', async () => {
    const store = await make()
    const { owner, add } = await project(store)
    const { key } = await add({ identity: 'busybox' })
    await store.change(key, ['active'], { state: 'removed', removed: new Date() })
    assert.equal(await store.find('image', owner, 'busybox'), undefined)
    assert.equal(await store.findAnywhere('image', 'busybox'), undefined)
    const second = await add({ identity: 'busybox' })
    const restored = { state: 'inactive', removed: null } as const
    await assert.rejects(store.change(key, ['removed'], restored), { kind: 'conflict' })
    assert.equal((await store.get(['image'], key)).state, 'removed')
    await store.change(second.key, ['active'], { state: 'removed', removed: new Date() })
    assert.equal((await store.change(key, ['removed'], restored))?.removed, null)
  })
}

function changing(make: Make): void {
  it('changes what is named, merges data, and takes away its nulls', async () => {
    const store = await make()
    const before = await (await project(store)).add({ name: 'n', data: { a: 1, b: { c: 1 }, d: 2 } })
    const after = await store.change(before.key, ['active'], {
      ...{ state: 'updating-active', message: 'm', progress: 7, failed: true },
      data: { b: { e: 1 }, d: null, f: 'x' },
    })
    const { key, uuid, created } = before
    assert.deepEqual(after, {
      ...before,
      ...{ key, uuid, created, state: 'updating-active', message: 'm', progress: 7, failed: true },
      data: { a: 1, b: { e: 1 }, f: 'x' },
    })
    assert.deepEqual(await store.get(['image'], key), after)
    const cleared = await store.change(key, ['updating-active'], { name: null, message: null, progress: null })
    assert.deepEqual([cleared?.name, cleared?.message, cleared?.progress, cleared?.failed], [null, null, null, true])
  })

  it('keeps dates to the millisecond, and takes them away', async () => {
    const store = await make()
    const { key } = await (await project(store)).add()
    const removed = new Date('2015-11-18T21:03:11.123Z')
    const removeTime = new Date(Date.now() + 60_000)
    const changed = await store.change(key, ['active'], { removed, removeTime })
    assert.deepEqual([changed?.removed, changed?.removeTime], [removed, removeTime])
    const back = await store.change(key, ['active'], { removed: null, removeTime: null })
    assert.deepEqual([back?.removed, back?.removeTime], [null, null])
  })

  it('changes nothing in another state, or of a row that is not there', async () => {
    const store = await make()
    const { key } = await (await project(store)).add({ state: 'inactive' })
    assert.equal(await store.change(key, ['active', 'removed'], { state: 'purging' }), undefined)
    assert.equal(await store.change(key, [], { state: 'purging' }), undefined)
    assert.equal(await store.change(key + 1, allStates, { state: 'purging' }), undefined)
    assert.equal((await store.get(['image'], key)).state, 'inactive')
  })

  it('lets one of many begin', async () => {
    const store = await make()
    const { key } = await (await project(store)).add()
    const tries = Array.from({ length: 8 }, () => store.change(key, ['active'], { state: 'deactivating' }))
    assert.equal((await Promise.all(tries)).filter((one) => one !== undefined).length, 1)
  })

  it('tells who changed, until nobody listens', async () => {
    const store = await make()
    const heard: number[] = []
    const stop = store.changes((key) => heard.push(key))
    const { add } = await project(store)
    const { key } = await add()
    await eventually(() => heard.includes(key))
    heard.length = 0
    await store.change(key, ['active'], { message: 'm' })
    await eventually(() => heard.includes(key))
    stop()
    heard.length = 0
    const listening: number[] = []
    const end = store.changes((changed) => listening.push(changed))
    await store.change(key, ['active'], { message: 'n' })
    await eventually(() => listening.includes(key))
    end()
    assert.deepEqual(heard, [])
  })
}

function filters(make: Make): void {
  it('filters by each test, null fulfilling none but null', async () => {
    const store = await make()
    const { add, names } = await project(store)
    for (const name of ['a', 'ab', 'b%', 'B', 'b\\', 'ä', null]) await add({ name })
    const found = (test: string, value?: string) =>
      names({ filters: [{ column: 'name', test, ...(value !== undefined && { value }) } as ResourceFilter] })
    const cases: readonly (readonly [string, string | undefined, readonly (string | null)[]])[] = [
      ['eq', 'a', ['a']],
      ['ne', 'a', ['ab', 'b%', 'B', 'b\\', 'ä']],
      ['lt', 'a', ['B']],
      ['lte', 'a', ['a', 'B']],
      ['gt', 'ab', ['b%', 'b\\', 'ä']],
      ['gte', 'ab', ['ab', 'b%', 'b\\', 'ä']],
      ['prefix', 'b', ['b%', 'b\\']],
      ['prefix', 'b%', ['b%']],
      ['prefix', '', ['a', 'ab', 'b%', 'B', 'b\\', 'ä']],
      ['like', 'a%', ['a', 'ab']],
      ['like', '_', ['a', 'B', 'ä']],
      ['like', '_b', ['ab']],
      ['like', '%\\', ['b\\']],
      ['like', 'b\\%', ['b\\']],
      ['notlike', 'a%', ['b%', 'B', 'b\\', 'ä']],
      ['null', undefined, [null]],
      ['notnull', undefined, ['a', 'ab', 'b%', 'B', 'b\\', 'ä']],
    ]
    for (const [test, value, expected] of cases)
      assert.deepEqual(await found(test, value), expected, `${test} ${value}`)
  })

  it('filters by columns of every kind, all at once', async () => {
    const store = await make()
    const { owner, add, names } = await project(store)
    const one = await add({ name: 'one', identity: 'i', description: 'd' })
    const two = await add({ name: 'two', state: 'inactive' })
    await add({ name: 'host', type: 'host' })
    const by = (...list: ResourceFilter[]) => names({ filters: list })
    const tomorrow = ago(-86_400)
    assert.deepEqual(await by({ column: 'key', test: 'eq', value: two.key }), ['two'])
    assert.deepEqual(await by({ column: 'key', test: 'gt', value: one.key }), ['two'])
    assert.deepEqual(await by({ column: 'uuid', test: 'eq', value: one.uuid }), ['one'])
    assert.deepEqual(await by({ column: 'uuid', test: 'eq', value: 'no uuid' }), [])
    assert.deepEqual(await by({ column: 'state', test: 'ne', value: 'active' }), ['two'])
    assert.deepEqual(await by({ column: 'state', test: 'eq', value: 'nonsense' }), [])
    assert.deepEqual(await by({ column: 'owner', test: 'eq', value: owner }), ['one', 'two'])
    assert.deepEqual(await by({ column: 'owner', test: 'eq', value: owner + 1 }), [])
    assert.deepEqual(await by({ column: 'identity', test: 'eq', value: 'i' }), ['one'])
    assert.deepEqual(await by({ column: 'description', test: 'null' }), ['two'])
    assert.deepEqual(await by({ column: 'created', test: 'lt', value: tomorrow }), ['one', 'two'])
    assert.ok((await by({ column: 'created', test: 'eq', value: one.created })).includes('one'))
    assert.deepEqual(await by({ column: 'created', test: 'gte', value: tomorrow }), [])
    assert.deepEqual(await by({ column: 'removed', test: 'null' }, { column: 'name', test: 'prefix', value: 't' }), [
      'two',
    ])
    assert.deepEqual(await by({ column: 'removeTime', test: 'notnull' }), [])
  })

  it('filters by members of data, as text', async () => {
    const store = await make()
    const { add, names } = await project(store)
    await add({ name: 'one', data: { registryId: 5, kind: 'admin', on: true } })
    await add({ name: 'two', data: { registryId: 55 } })
    await add({ name: 'none' })
    const by = (filter: ResourceFilter) => names({ filters: [filter] })
    assert.deepEqual(await by({ member: 'registryId', test: 'eq', value: '5' }), ['one'])
    assert.deepEqual(await by({ member: 'registryId', test: 'ne', value: '5' }), ['two'])
    assert.deepEqual(await by({ member: 'kind', test: 'eq', value: 'admin' }), ['one'])
    assert.deepEqual(await by({ member: 'on', test: 'eq', value: 'true' }), ['one'])
    assert.deepEqual(await by({ member: 'kind', test: 'null' }), ['two', 'none'])
    assert.deepEqual(await by({ member: 'registryId', test: 'notnull' }), ['one', 'two'])
    assert.deepEqual(await by({ member: "o'kind", test: 'eq', value: "'" }), [])
  })

  it('lists of these types, owners and keys only', async () => {
    const store = await make()
    const [mine, other] = [await project(store, 'mine'), await project(store, 'other')]
    const one = await mine.add({ name: 'one' })
    await mine.add({ name: 'host', type: 'host' })
    await other.add({ name: 'two' })
    assert.deepEqual(await mine.names({ owners: [mine.owner] }), ['one'])
    assert.deepEqual(await mine.names({ owners: [mine.owner, other.owner] }), ['one', 'two'])
    assert.deepEqual(await mine.names({ owners: [] }), [])
    assert.deepEqual(await mine.names({ types: ['image', 'host'], owners: [mine.owner] }), ['one', 'host'])
    assert.deepEqual(await mine.names({ types: [] }), [])
    assert.deepEqual(await mine.names({ types: ['project'] }), ['mine', 'other'])
    assert.deepEqual(await mine.names({ types: ['project'], owners: [mine.owner] }), [])
    assert.deepEqual(await mine.names({ keys: [one.key, mine.owner] }), ['one'])
    assert.deepEqual(await mine.names({ keys: [] }), [])
  })
}

function pages(make: Make): void {
  it('sorts by each column, then by key, both ways', async () => {
    const store = await make()
    const { add, names } = await project(store)
    for (const [name, description] of [
      ['b', 'x'],
      ['a', 'y'],
      [null, 'z'],
      ['B', 'x'],
      ['a', null],
    ] as const) {
      await add({ name, description })
    }
    const by = (column: 'name' | 'description' | 'key' | 'created', descending: boolean) =>
      names({ sort: { column, descending } })
    assert.deepEqual(await by('name', false), ['B', 'a', 'a', 'b', null])
    assert.deepEqual(await by('name', true), [null, 'b', 'a', 'a', 'B'])
    assert.deepEqual(await by('description', false), ['b', 'B', 'a', null, 'a'])
    assert.deepEqual(await by('description', true), ['a', null, 'a', 'B', 'b'])
    assert.deepEqual(await by('key', true), ['a', 'B', null, 'a', 'b'])
    assert.equal((await by('created', true)).length, 5)
  })

  it('gives pages that miss nothing and repeat nothing', async () => {
    const store = await make()
    const { add, names } = await project(store)
    for (let index = 0; index < 7; index++) await add({ name: String(index), description: index % 2 ? 'odd' : 'even' })
    const sort = { column: 'description', descending: false } as const
    const paged = [0, 3, 6, 9].map((offset) => names({ offset, limit: 3, sort }))
    assert.deepEqual((await Promise.all(paged)).flat(), await names({ sort }))
    assert.deepEqual(await names({ limit: 2 }), ['0', '1'])
    assert.deepEqual(await names({ limit: 2, offset: 6 }), ['6'])
    assert.deepEqual(await names({ limit: 2, offset: 2 ** 40 }), [])
  })
}

function removal(make: Make): void {
  it('hides what was removed a while ago, but not from who knows its key', async () => {
    const store = await make()
    const { add, names } = await project(store)
    const removedAt = async (name: string, removed: Date, removeTime: Date | null): Promise<Resource> => {
      const made = await add({ name, state: 'removed' })
      await store.change(made.key, ['removed'], { removed, removeTime })
      return made
    }
    await add({ name: 'alive' })
    await removedAt('lately', ago(5), ago(-55))
    const past = await removedAt('past', ago(65), ago(5))
    await removedAt('forgotten', ago(310), null)
    await removedAt('long', ago(310), ago(-100))
    assert.deepEqual(await names(), ['alive', 'lately'])
    assert.deepEqual(await names({ removed: true }), ['alive', 'lately', 'past', 'forgotten', 'long'])
    assert.equal((await store.get(['image'], past.key)).name, 'past')
  })
}

function housekeeping(make: Make): void {
  it('knows what somebody left in the middle', async () => {
    const store = await make()
    const { add } = await project(store)
    const stuck = await add({ state: 'deactivating' })
    await add({ state: 'active' })
    await add({ state: 'removed' })
    const second = await add({ state: 'registering' })
    const keys = async (seconds: number, limit = 10) => (await store.unsettled(seconds, limit)).map((one) => one.key)
    await eventually(async () => (await keys(0)).length === 2)
    assert.deepEqual(
      (await keys(0)).toSorted((a, b) => a - b),
      [stuck.key, second.key],
    )
    assert.equal((await keys(0, 1)).length, 1)
    assert.deepEqual(await keys(3600), [])
  })

  it('knows what is to be purged', async () => {
    const store = await make()
    const { add } = await project(store)
    const removed = async (state: LifeState, removeTime: Date | null) => {
      const made = await add({ state })
      await store.change(made.key, [state], { removed: ago(60), removeTime })
      return made.key
    }
    const due = await removed('removed', ago(1))
    await removed('removed', ago(-60))
    await removed('removed', null)
    await removed('purged', ago(1))
    assert.deepEqual(
      (await store.toPurge(10)).map((one) => one.key),
      [due],
    )
    assert.deepEqual(await store.toPurge(0), [])
  })

  it('forgets what was purged long ago', async () => {
    const store = await make()
    const { add } = await project(store)
    const purged = [await add({ state: 'purged' }), await add({ state: 'purged' })]
    const kept = await add({ state: 'removed' })
    assert.equal(await store.deletePurged(1, 10), 0)
    assert.equal(await store.deletePurged(0, 1), 1)
    assert.equal(await store.deletePurged(0, 10), 1)
    for (const { key } of purged) await assert.rejects(store.get(['image'], key), { kind: 'not-found' })
    assert.equal((await store.get(['image'], kept.key)).key, kept.key)
  })
}
