import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Resource, ResourceFilter } from '../core/resource.ts'
import { ago, type Make, project } from './resource-rows.ts'

/** What lists of managed resources promise: filters, order, pages, and what is hidden. */
export function resourceListContract(make: Make): void {
  filters(make)
  pages(make)
  removal(make)
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
