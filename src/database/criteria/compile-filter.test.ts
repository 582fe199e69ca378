import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sql } from 'kysely'
import type { Filter, Test } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import { onOneDatabase } from '../../testing/databases.ts'
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

onOneDatabase('A filter in SQL', (fresh) => {
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
