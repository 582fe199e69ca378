import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { sql } from 'kysely'
import { onEachDatabase } from '../../testing/databases.ts'
import type { Database } from '../connection.ts'
import { FreshStatistics } from './fresh-statistics.ts'

onEachDatabase('statistics of tables that a sync fills', (fresh) => {
  let database: Database
  before(async () => {
    ;({ database } = await fresh.open())
    await sql`ALTER TABLE membership SET (autovacuum_enabled = false)`.execute(database)
  })

  async function fill(rows: number): Promise<void> {
    await sql`INSERT INTO membership (repository, unit, identity, name, type, added_in)
      SELECT 1, nextval('unit_pack_id'), gen_random_uuid(), gen_random_uuid(), 1, 1 FROM generate_series(1, ${rows}::int)
    `.execute(database)
  }

  /** Rows that the planner believes in; -1 when it knows nothing. */
  async function known(table: string): Promise<number | undefined> {
    const query = sql<{ rows: number }>`SELECT reltuples AS rows FROM pg_class WHERE oid = ${table}::regclass`
    return (await query.execute(database)).rows[0]?.rows
  }

  it('are made when a table has doubled, looked at from time to time', async () => {
    const statistics = new FreshStatistics(database)
    await fill(20_000)
    await statistics.added(1_999)
    assert.equal(await known('membership'), -1)
    await statistics.added(1)
    assert.equal(await known('membership'), 20_000)
    await fill(5_000)
    await statistics.added(2_000)
    assert.equal(await known('membership'), 20_000)
    await fill(30_000)
    await statistics.added(2_000)
    assert.equal(await known('membership'), 55_000)
  })

  it('are left to PostgreSQL for small tables', async () => {
    await sql`INSERT INTO blob (sha256, size) VALUES (sha256('a'), 1)`.execute(database)
    await new FreshStatistics(database).added(2_000)
    assert.equal(await known('blob'), -1)
  })
})
