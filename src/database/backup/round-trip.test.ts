import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Pool } from 'pg'
import { makeBackup, restoreBackup } from '../../testing/backups.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { suiteBlobs } from '../../testing/suite-blobs.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { leftOutTables } from './left-out-tables.ts'

const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 200 : 5

/** What the text format of COPY has to escape, and what must not be taken for its own signs. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\',
        '\\N',
        '\\.',
        '\n',
        '\r',
        '\r\n',
        '\t',
        '\b',
        '\v',
        '\\x41',
        "'",
        '"',
        '{',
        '}',
        ',',
        'NULL',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const twoDigits = (min: number, max: number) => fc.integer({ min, max }).map((value) => String(value).padStart(2, '0'))
const timestamp = fc.oneof(
  fc.constantFrom('infinity', '-infinity', '0044-03-15 12:00:00+00 BC'),
  fc
    .tuple(fc.integer({ min: 1000, max: 9999 }), twoDigits(1, 12), twoDigits(1, 28), twoDigits(0, 23), fc.nat(999_999))
    .map(
      ([year, month, day, hour, micros]) =>
        `${year}-${month}-${day} ${hour}:59:59.${String(micros).padStart(6, '0')}+05:45`,
    ),
)
const json = fc.jsonValue().map((value) => JSON.stringify(withoutNul(value)))

/** A value for each column type of the schema, as a parameter of a statement. */
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text,
  'text[]': fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 4 }),
  bytea: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  jsonb: json,
  uuid: fc.uuid(),
  'uuid[]': fc.array(fc.uuid(), { maxLength: 4 }),
  boolean: fc.boolean(),
  smallint: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  integer: int,
  bigint: fc.oneof(int, fc.constantFrom('9007199254740993', '-9223372036854775808')),
  'double precision': fc.double(),
  'timestamp with time zone': timestamp,
}

onEachDatabase('a backup', (fresh) => {
  const stores = suiteBlobs()

  it('brings rows with any value of any column type of the schema back as they were', async () => {
    const from = await fresh.open()
    const types = await columnTypes(from.pool)
    for (const type of types) assert.ok(type in values, `no values of type ${type} are tried`)
    const table = `CREATE TABLE everything (id int PRIMARY KEY, ${types.map((type, at) => `c${at} ${type}`).join(', ')})`
    await from.pool.query(table)
    const rows = fc.array(fc.tuple(...types.map((type) => fc.option(values[type] ?? fc.constant(null)))), {
      maxLength: 30,
    })
    const folder = await temporaryFolder()
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        await fill(from.pool, list)
        const { bytes } = await makeBackup(from.url, stores.store, folder)
        const to = await fresh.open()
        await to.pool.query(table)
        await restoreBackup(to.url, bytes, stores.store)
        assert.deepEqual(await contentOf(to.pool, 'everything'), await contentOf(from.pool, 'everything'))
      }),
      { numRuns: runs },
    )
  })

  it('goes on numbering where the original was', async () => {
    const [from, to] = [await fresh.open(), await fresh.open()]
    await from.pool.query(`INSERT INTO content_type (name) SELECT 'type ' || n FROM generate_series(1, 7) AS n`)
    await from.pool.query(`DELETE FROM content_type WHERE id > 3`)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    await restoreBackup(to.url, bytes, stores.store)
    const { rows } = await to.pool.query(`INSERT INTO content_type (name) VALUES ('next') RETURNING id`)
    assert.deepEqual(rows, [{ id: 8 }])
    const sequence = await to.pool.query(`SELECT nextval('unit_pack_id') AS id`)
    assert.deepEqual(sequence.rows, [{ id: 1 }], 'one that was never used begins at its first number')
  })

  it('is of one moment: what comes after its begin is not in it', async () => {
    const [from, to] = [await fresh.open(), await fresh.open()]
    await from.pool.query(`INSERT INTO content_type (name) VALUES ('before')`)
    const beforeRows = async () => {
      await from.pool.query(`INSERT INTO content_type (name) VALUES ('meanwhile')`)
    }
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder(), { beforeRows })
    await restoreBackup(to.url, bytes, stores.store)
    const { rows } = await to.pool.query('SELECT name FROM content_type')
    assert.deepEqual(rows, [{ name: 'before' }])
  })
})

async function columnTypes(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ type: string }>(
    `SELECT DISTINCT format_type(atttypid, NULL) AS type FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    AND relname <> ALL ($1) ORDER BY type`,
    [Object.keys(leftOutTables)],
  )
  return rows.map(({ type }) => type)
}

async function fill(pool: Pool, rows: readonly (readonly unknown[])[]): Promise<void> {
  await pool.query('TRUNCATE everything')
  for (const [id, row] of rows.entries()) {
    const places = [id, ...row].map((_, index) => `$${index + 1}`)
    await pool.query(`INSERT INTO everything VALUES (${places.join(', ')})`, [id, ...row])
  }
}

/** Rows as the server prints them, so that nothing is lost in what the driver makes of them. */
async function contentOf(pool: Pool, table: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ row: string }>(`SELECT ${table}::text AS row FROM ${table} ORDER BY 1`)
  return rows.map(({ row }) => row)
}

/** U+0000 and half surrogate pairs are no jsonb. */
function withoutNul(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .toWellFormed()
      .replaceAll(/\\u(0000|d[89a-f][0-9a-f]{2})/gi, '?'),
  )
}
