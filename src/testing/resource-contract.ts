import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { LifeState } from '../core/life-cycle.ts'
import { eventually } from './eventually.ts'
import { resourceListContract } from './resource-list-contract.ts'
import { ago, type Make, project } from './resource-rows.ts'

/** What a store of managed resources promises. `make` gives one without resources. */
export function resourceContract(make: Make): void {
  rows(make)
  identities(make)
  changing(make)
  resourceListContract(make)
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
    const heard: (number | undefined)[] = []
    const stop = store.changes((key) => heard.push(key))
    const { add } = await project(store)
    const { key } = await add()
    await eventually(() => heard.includes(key))
    heard.length = 0
    await store.change(key, ['active'], { message: 'm' })
    await eventually(() => heard.includes(key))
    stop()
    heard.length = 0
    const listening: (number | undefined)[] = []
    const end = store.changes((changed) => listening.push(changed))
    await store.change(key, ['active'], { message: 'n' })
    await eventually(() => listening.includes(key))
    end()
    assert.deepEqual(heard, [])
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
