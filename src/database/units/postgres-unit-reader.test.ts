import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { everything, type Filter, type SortKey, type Test } from '../../core/criteria.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { type DiscoveredUnit, unitKeyHash, unitWireId } from '../../core/unit.ts'
import type { AssociationCriteria, UnitAssociation, UnitView } from '../../core/unit-reader.ts'
import { aThing } from '../../testing/catalog.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import { MemoryUnits } from '../../testing/memory-units.ts'
import { aNote, openUnitCatalog } from '../../testing/unit-catalog.ts'
import { PostgresOrphans } from '../space/postgres-orphans.ts'
import { registerContentTypes } from './content-type-ids.ts'

const all = { filter: everything, sort: [], skip: 0 }
const allAssociations: AssociationCriteria = {
  unit: everything,
  association: everything,
  unitSort: [],
  associationSort: [],
  skip: 0,
}

function where(field: string, test: Test): Filter {
  return { kind: 'field', path: field.split('.'), test }
}

function equals(field: string, value: Json): Filter {
  return where(field, { op: 'equals', value })
}

function idOf({ type, key }: Pick<DiscoveredUnit, 'type' | 'key'>): string {
  return unitWireId(unitKeyHash(type, key))
}

const names = async (units: AsyncIterable<UnitView>) =>
  (await Array.fromAsync(units)).map(({ metadata }) => metadata['name'])
const heldNames = async (found: AsyncIterable<UnitAssociation>) =>
  (await Array.fromAsync(found)).map(({ unit }) => unit.metadata['name'])

onEachDatabase('A reader of units', (fresh) => {
  it('shows each key once: its newest revision, in a repository the one that is there', async () => {
    const { reader, hold } = await openUnitCatalog(await fresh.open())
    await hold('old', [aNote('a', { body: 1 }), aNote('b')])
    await hold('new', [aNote('a', { body: 2 })])
    const bodies = async (units: AsyncIterable<UnitView>) =>
      (await Array.fromAsync(units)).map(({ metadata }) => metadata['body'])
    assert.deepEqual((await bodies(reader.list('note', {}))).toSorted(), [2, undefined])
    assert.deepEqual(await bodies(reader.search('note', { ...all, filter: equals('name', 'a') }, {})), [2])
    assert.deepEqual(await bodies(reader.search('note', { ...all, filter: equals('body', 1) }, {})), [])
    assert.equal((await reader.get('note', idOf(aNote('a')), {}))?.metadata['body'], 2)
    const held = await Array.fromAsync(
      reader.associations('old', { ...allAssociations, unit: equals('name', 'a') }, {}),
    )
    assert.deepEqual(
      held.map(({ unit }) => unit.metadata['body']),
      [1],
    )
  })

  it('knows no units of other types, ids and repositories', async () => {
    const { reader, hold } = await openUnitCatalog(await fresh.open())
    await hold('one', [aNote('a')])
    const id = idOf(aNote('a'))
    assert.deepEqual(await names(reader.list('other', {})), [])
    assert.deepEqual(await names(reader.search('other', all, {})), [])
    for (const [type, wireId] of [
      ['other', id],
      ['thing', id],
      ['note', 'no-uuid'],
      ['note', id.toUpperCase()],
      ['note', idOf(aNote('b'))],
    ] as const) {
      assert.equal(await reader.get(type, wireId, {}), undefined)
      assert.equal(await reader.setUserMetadata(type, wireId, {}), false)
    }
    await assert.rejects(() => heldNames(reader.associations('other', allAssociations, {})), { kind: 'not-found' })
  })

  it('finds units by every field that they are printed with', async () => {
    const { reader, hold, database } = await openUnitCatalog(await fresh.open())
    const thing = aThing('a', 'content')
    await hold('one', [thing, aNote('a', { deep: { list: [{ x: 1 }, 2] }, size: 10 }), aNote('b', { size: 9 })])
    await sql`UPDATE unit SET updated = '2016-04-29T16:27:18.9Z'`.execute(database)
    const find = async (type: string, filter: Filter) => await names(reader.search(type, { ...all, filter }, {}))
    const fields: Record<string, Json> = {
      _id: idOf(thing),
      _content_type_id: 'thing',
      _ns: 'units_thing',
      _last_updated: 1461947238,
      _storage_path: `content/units/thing/${idOf(thing)}/a.0`,
      downloaded: true,
      pulp_user_metadata: {},
      name: 'a',
      nothing: null,
    }
    for (const [field, value] of Object.entries(fields)) {
      assert.deepEqual(await find('thing', equals(field, value)), ['a'], field)
    }
    assert.deepEqual(await find('note', equals('deep.list.x', 1)), ['a'])
    assert.deepEqual(await find('note', equals('deep.list', 2)), ['a'])
    assert.deepEqual(await find('note', where('deep', { op: 'exists' })), ['a'])
    assert.deepEqual(await find('note', { kind: 'not', filter: where('downloaded', { op: 'exists' }) }), ['a', 'b'])
    assert.deepEqual(await find('note', where('size', { op: 'compare', relation: '>', value: 9 })), ['a'])
    assert.deepEqual(await find('note', where('name', { op: 'one-of', values: ['b', null, 3] })), ['b'])
    assert.deepEqual(await find('note', where('name', { op: 'one-of', values: [] })), [])
    assert.deepEqual(await find('note', where('_id', { op: 'one-of', values: [idOf(aNote('b')), 'x'] })), ['b'])
    const sorted = async (field: string) =>
      await names(reader.search('note', { ...all, sort: [{ field, direction: 'ascending' }] }, {}))
    assert.deepEqual(await sorted('size'), ['b', 'a'])
    assert.deepEqual(await sorted('deep.list'), ['b', 'a'])
    assert.deepEqual(await names(reader.search('note', { ...all, skip: 1, limit: 1 }, {})), ['b'])
  })

  it('tells what is stored, and brings documents and repositories along when asked', async () => {
    const { reader, hold } = await openUnitCatalog(await fresh.open())
    await hold('stored', [aThing('both', 'x', 'y')])
    await hold('also', [aThing('both', 'x', 'y')])
    await hold('later', [aThing('one', 'z')], false)
    await hold('later', [])
    const parts = { documents: ['text'], repositories: true }
    const [both, one] = await Array.fromAsync(reader.list('thing', parts))
    assert.deepEqual(both?.storage, { downloaded: true, path: `content/units/thing/${both?.wireId}` })
    assert.deepEqual([both?.repositories, one?.repositories], [['also', 'stored'], []])
    assert.equal(Buffer.from(both?.documents['text'] ?? []).toString(), 'text of both')
    assert.deepEqual(one?.storage, { downloaded: false, path: `content/units/thing/${one?.wireId}/one.0` })
    const bare = await reader.get('thing', both?.wireId ?? '', {})
    assert.deepEqual([bare?.documents, bare?.repositories], [{}, undefined])
  })

  it('keeps what users wrote through revisions, until the unit is deleted as an orphan', async () => {
    const { reader, hold, database, types } = await openUnitCatalog(await fresh.open())
    await hold('one', [aNote('a', { body: 1 })])
    const id = idOf(aNote('a'))
    const read = async () => (await reader.get('note', id, {}))?.userMetadata
    assert.deepEqual(await read(), {})
    for (const value of [{ tag: ['x'] }, null, 'text']) {
      assert.equal(await reader.setUserMetadata('note', id, value), true)
      await hold('one', [aNote('a', { body: JSON.stringify(value) })])
      assert.deepEqual(await read(), value)
    }
    await hold('one', [])
    const orphans = new PostgresOrphans({ database, types, graceSeconds: 0 })
    await orphans.delete({}, await runningTask(database), new AbortController().signal)
    await hold('one', [aNote('a')])
    assert.deepEqual(await read(), {})
  })

  it('looks up fields by an index, whatever their values', async () => {
    const { reader, hold, database } = await openUnitCatalog(await fresh.open())
    const long = 'long'.repeat(10_000)
    await hold('one', [aNote(long), aNote('short')])
    const find = (value: Json) => names(reader.search('note', { ...all, filter: equals('name', value) }, {}))
    assert.deepEqual(await find(long), [long])
    assert.deepEqual(await find(['short']), [])
    const indexes = async () =>
      (
        await sql<{
          name: string
        }>`SELECT indexname AS name FROM pg_indexes WHERE indexname LIKE 'unit_lookup%'`.execute(database)
      ).rows
    assert.deepEqual(await indexes(), [{ name: 'unit_lookup_name' }])
    await registerContentTypes(database, [])
    assert.equal((await indexes()).length, 1)
  })

  it('finds in a repository what the criteria mean', async () => {
    const opened = await fresh.open()
    const { reader, hold, database } = await openUnitCatalog(opened)
    await fc.assert(
      fc.asyncProperty(holdings, criteria, async (units, wanted) => {
        await hold('model', units)
        await sql`UPDATE membership SET created = '2016-01-01T00:00:00Z'::timestamptz + (unit % 3) * interval '1 hour',
          updated = '2016-01-02T00:00:00Z'`.execute(database)
        const model = new MemoryUnits()
        const held = await Array.fromAsync(reader.associations('model', allAssociations, {}))
        model.repositories.set('model', held)
        assert.deepEqual(held.map(({ unit }) => unit.wireId).toSorted(), units.map(idOf).toSorted())
        const found = await Array.fromAsync(reader.associations('model', wanted, {}))
        assert.deepEqual(found, await Array.fromAsync(model.associations('model', wanted, {})))
      }),
      { numRuns: process.env['DECKLE_TEST_LONG'] === '1' ? 2000 : 60 },
    )
  })
})

const unitNames = ['a', 'b', 'c', 'd', 'é', 'B']
const metadata: fc.Arbitrary<JsonObject> = fc.record(
  {
    size: fc.constantFrom<Json>(1, 9, 10, '9', null, true),
    arch: fc.constantFrom<Json>('noarch', 'x86_64', ['noarch', 'x86_64'], []),
    deep: fc.record({ x: fc.constantFrom<Json>(1, 'x', null) }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const unit: fc.Arbitrary<DiscoveredUnit> = fc
  .tuple(fc.constantFrom(...unitNames), fc.boolean(), metadata)
  .map(([name, thing, more]) => (thing ? aThing(name, name) : aNote(name, more)))
const holdings = fc.uniqueArray(unit, { maxLength: 9, selector: ({ type, key }) => `${type} ${key['name']}` })

const unitTest: fc.Arbitrary<Filter> = fc
  .tuple(
    fc.constantFrom('name', 'size', 'arch', 'deep.x', '_id', '_content_type_id', 'downloaded', 'nothing'),
    fc.oneof(
      fc.record({
        op: fc.constant('equals' as const),
        value: fc.constantFrom<Json>('a', 9, 'noarch', 'thing', true, null, [], 'x', ['noarch', 'x86_64']),
      }),
      fc.record({
        op: fc.constant('one-of' as const),
        values: fc.subarray<Json>(['a', 'b', 'é', 1, null, 'note', 'x86_64', idOf(aNote('a'))]),
      }),
      fc.record({
        op: fc.constant('compare' as const),
        relation: fc.constantFrom('>' as const, '<=' as const),
        value: fc.constantFrom<Json>('a', 'c', 9, idOf(aNote('b'))),
      }),
      fc.constant({ op: 'matches' as const, pattern: '^[a-c]$|noarch', options: 'i' }),
      fc.constant({ op: 'exists' as const }),
    ),
  )
  .map(([field, test]) => where(field, test))
const associationTest: fc.Arbitrary<Filter> = fc
  .tuple(
    fc.constantFrom('created', 'updated', 'unit_id', 'unit_type_id', 'repo_id', 'nothing'),
    fc.constantFrom<Test>(
      { op: 'compare', relation: '>=', value: '2016-01-01T01:00:00Z' },
      { op: 'compare', relation: '<', value: '2016-01-01T02:00:00Z' },
      { op: 'equals', value: 'note' },
      { op: 'equals', value: 'model' },
      { op: 'one-of', values: [idOf(aNote('a')), idOf(aThing('b'))] },
      { op: 'exists' },
    ),
  )
  .map(([field, test]) => where(field, test))

function filterOf(leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(everything) },
    { weight: 3, arbitrary: leaf },
    leaf.map((filter): Filter => ({ kind: 'not', filter })),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      filters: fc.array(leaf, { minLength: 1, maxLength: 3 }),
    }),
  )
}

function sortOf(...fields: readonly string[]): fc.Arbitrary<readonly SortKey[]> {
  const direction = fc.constantFrom('ascending' as const, 'descending' as const)
  return fc.array(fc.record({ field: fc.constantFrom(...fields), direction }), { maxLength: 2 })
}

const criteria: fc.Arbitrary<AssociationCriteria> = fc
  .tuple(
    fc.record({
      unit: filterOf(unitTest),
      association: filterOf(associationTest),
      unitSort: sortOf('name', 'size', 'arch', 'deep.x', 'downloaded', '_id', 'nothing'),
      associationSort: sortOf('created', 'updated', 'unit_id', 'unit_type_id', 'repo_id'),
      skip: fc.constantFrom(0, 0, 1, 3),
    }),
    fc.option(fc.nat(3).map((limit) => limit + 1)),
    fc.option(fc.subarray(['note', 'thing', 'other'])),
  )
  .map(([rest, limit, types]) => ({ ...rest, ...(limit !== null && { limit }), ...(types !== null && { types }) }))
