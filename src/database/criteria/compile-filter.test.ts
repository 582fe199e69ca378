import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { Filter, Test } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { matchesFilter } from '../../testing/match-filter.ts'
import type { Database } from '../connection.ts'
import { compileFilter } from './compile-filter.ts'
import { dateField, jsonField, textField } from './searchable.ts'

const fields = { doc: jsonField(sql.ref('document.body')) }

/** Which of the documents match, as the database finds them. */
async function find(database: Database, filter: Filter, documents: readonly Json[]): Promise<readonly boolean[]> {
  const bodies = documents.map((document) => JSON.stringify(document))
  const { rows } = await sql<{ matched: boolean }>`
    SELECT ${compileFilter(filter, fields)} AS matched
    FROM unnest(${bodies}::jsonb[]) WITH ORDINALITY AS document(body, position) ORDER BY position`.execute(database)
  return rows.map((row) => row.matched)
}

const key = fc.constantFrom('a', 'b', '0', '1', 'it\'s $."quoted"')
const scalar: fc.Arbitrary<Json> = fc.constantFrom<Json>(null, true, false, -1, 0, 1, 1.5, 2, '', 'x', 'xy', 'é', '1')
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value
const document = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true })
const simpleTest: fc.Arbitrary<Test> = fc.oneof(
  fc.record({ op: fc.constant('equals' as const), value }),
  fc.record({ op: fc.constant('one-of' as const), values: fc.array(value, { maxLength: 3 }) }),
  fc.record({
    op: fc.constant('compare' as const),
    relation: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const),
    value: scalar,
  }),
  fc.record({
    op: fc.constant('matches' as const),
    pattern: fc.constantFrom('x', '^x$', 'y|1', '^$', '[^x]'),
    options: fc.constantFrom('', 'i'),
  }),
  fc.record({
    op: fc.constant('remainder' as const),
    divisor: fc.constantFrom(2, 3),
    remainder: fc.constantFrom(0, 1),
  }),
  fc.record({
    op: fc.constant('type' as const),
    type: fc.constantFrom('string' as const, 'number' as const, 'boolean' as const, 'null' as const, 'array' as const),
  }),
  fc.constant({ op: 'exists' as const }),
  fc.record({ op: fc.constant('size' as const), size: fc.nat(3) }),
)
const path = fc.array(key, { maxLength: 3 })

function filterOf(start: readonly string[]): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
    leaf: fc.record({
      kind: fc.constant('field' as const),
      path: path.map((rest) => [...start, ...rest]),
      test: simpleTest,
    }),
    filter: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'filter' },
      tie('leaf'),
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
      fc.record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        filters: fc.array(tie('filter'), { maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('field' as const),
        path: path.map((rest) => [...start, ...rest]),
        test: fc.record({ op: fc.constant('element' as const), filter: start.length > 0 ? filterOf([]) : tie('leaf') }),
      }),
    ),
  })).filter
}

onOneDatabase('A filter in SQL', (fresh) => {
  it('finds what the filter means', async () => {
    const { database } = await fresh.open()
    await fc.assert(
      fc.asyncProperty(filterOf(['doc']), fc.array(document, { minLength: 5, maxLength: 10 }), async (filter, docs) => {
        const found = await find(database, filter, docs)
        assert.deepEqual(
          found,
          docs.map((body) => matchesFilter(filter, { doc: body })),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('compares dates only with dates, to the second', async () => {
    const { database } = await fresh.open()
    const at = { doc: dateField(sql`'2016-04-29T16:28:08.9Z'::timestamptz`), none: dateField(sql`NULL::timestamptz`) }
    const holds = async (name: string, test: Test) => {
      const condition = compileFilter({ kind: 'field', path: [name], test }, at)
      const { rows } = await sql<{ holds: boolean }>`SELECT ${condition} AS holds`.execute(database)
      return rows[0]?.holds
    }
    const printed = { $date: '2016-04-29T16:28:08.000Z' }
    assert.equal(await holds('doc', { op: 'equals', value: printed }), true)
    assert.equal(await holds('doc', { op: 'compare', relation: '>=', value: printed }), true)
    assert.equal(await holds('doc', { op: 'compare', relation: '>', value: printed }), false)
    assert.equal(
      await holds('doc', { op: 'compare', relation: '>', value: { $date: '2016-01-01T00:00:00.000Z' } }),
      true,
    )
    assert.equal(await holds('doc', { op: 'compare', relation: '>', value: '2016-01-01T00:00:00Z' }), false)
    assert.equal(await holds('doc', { op: 'type', type: 'date' }), true)
    assert.equal(await holds('doc', { op: 'type', type: 'object' }), false)
    assert.equal(await holds('none', { op: 'equals', value: null }), true)
    assert.equal(await holds('none', { op: 'compare', relation: '<', value: printed }), false)
  })

  it('takes a field that it does not know for missing', async () => {
    const { database } = await fresh.open()
    const holds = async (test: Test) => (await find(database, { kind: 'field', path: ['other', 'x'], test }, [{}]))[0]
    assert.equal(await holds({ op: 'equals', value: 1 }), false)
    assert.equal(await holds({ op: 'equals', value: null }), true)
    assert.equal(await holds({ op: 'one-of', values: [1, null] }), true)
    assert.equal(await holds({ op: 'exists' }), false)
    const path = ['toString']
    assert.deepEqual(await find(database, { kind: 'field', path, test: { op: 'exists' } }, [{}]), [false])
  })

  it('keeps what a client wrote out of the statement', async () => {
    const { database } = await fresh.open()
    const hostile = 'x\'; DROP TABLE repository; --" $1 \\'
    const documents = [{ [hostile]: hostile }, {}]
    const path = ['doc', hostile]
    assert.deepEqual(await find(database, { kind: 'field', path, test: { op: 'equals', value: hostile } }, documents), [
      true,
      false,
    ])
    const text = { name: textField(sql`${hostile}::text`) }
    const condition = compileFilter({ kind: 'field', path: ['name'], test: { op: 'equals', value: hostile } }, text)
    const { rows } = await sql<{ holds: boolean }>`SELECT ${condition} AS holds`.execute(database)
    assert.deepEqual(rows, [{ holds: true }])
  })
})
