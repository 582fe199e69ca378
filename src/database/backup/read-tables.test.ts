import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { onEachDatabase } from '../../testing/databases.ts'
import { openBackupSession } from './backup-session.ts'
import { leftOutTables } from './left-out-tables.ts'
import { inDependencyOrder, readBackupTables } from './read-tables.ts'

onEachDatabase('the tables of a backup', (fresh) => {
  it('and those that are left out for a reason are all that the schema has', async () => {
    const { pool, url } = await fresh.open()
    const { rows } = await pool.query<{ name: string; persistence: string; columns: number }>(`
      SELECT relname AS name, relpersistence AS persistence FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`)
    const client = await openBackupSession(url, 'test')
    const tables = await readBackupTables(client)
    await client.end()
    const known = [...tables.map(({ name }) => name), ...Object.keys(leftOutTables)].sort()
    assert.deepEqual(
      known,
      rows.map(({ name }) => name),
      'a table that is gone stands among those left out',
    )
    const unlogged = rows.filter(({ persistence }) => persistence === 'u').map(({ name }) => name)
    assert.deepEqual(
      unlogged.filter((name) => !(name in leftOutTables)),
      [],
      'what PostgreSQL may lose is no part of a backup',
    )
  })

  it('come with every column that can be written', async () => {
    const { pool, url } = await fresh.open()
    await pool.query('CREATE TABLE odd ("a b" int, gone int, twice int GENERATED ALWAYS AS ("a b" * 2) STORED)')
    await pool.query('ALTER TABLE odd DROP COLUMN gone')
    const client = await openBackupSession(url, 'test')
    const tables = await readBackupTables(client)
    await client.end()
    assert.deepEqual(tables.find(({ name }) => name === 'odd')?.columns, ['a b'])
  })
})

describe('the order of tables', () => {
  const graphs = fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, index) => index),
        { minLength: count },
      ),
      fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 20 }),
    ),
  )

  it('has what is referred to first', () => {
    fc.assert(
      fc.property(graphs, ([count, ranks, pairs]) => {
        const tables = Array.from({ length: count }, (_, index) => ({ name: `t${index}` }))
        const references = pairs
          .filter(([from, to]) => from === to || (ranks[from] ?? 0) > (ranks[to] ?? 0))
          .map(([from, to]) => ({ from: `t${from}`, to: `t${to}` }))
        const order = inDependencyOrder(tables, references).map(({ name }) => name)
        assert.deepEqual([...order].sort(), tables.map(({ name }) => name).sort())
        for (const { from, to } of references) assert.ok(order.indexOf(to) <= order.indexOf(from), `${from} → ${to}`)
      }),
    )
  })

  it('does not exist where references go in a circle', () => {
    const circle = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ]
    assert.throws(() => inDependencyOrder([{ name: 'a' }, { name: 'b' }], circle), /circle: a, b/)
  })
})
