import { Client } from 'pg'
import { knownMigrations } from './migrate.ts'

const migrationNames = Object.keys(knownMigrations)

/** What a database server tells about itself and about the schema in it. */
export interface DatabaseFacts {
  /** `15.4`. */
  readonly version: string
  readonly versionNumber: number
  /** By name; `on` or `off`. */
  readonly durability: Readonly<Record<string, string>>
  /** That ordinary users may open. */
  readonly maxConnections: number
  readonly openConnections: number
  /** How far the server's clock is ahead of ours, milliseconds. */
  readonly clockAheadMs: number
  readonly databaseBytes: number
  /** Migrations of this program that are missing there; all of them in an empty database. */
  readonly missingMigrations: readonly string[]
  /** Migrations that a newer program has made. */
  readonly unknownMigrations: readonly string[]
  readonly blobStore: { readonly id: string; readonly marked: boolean } | undefined
}

/** Reads and changes nothing. Throws what the driver says where nobody answers within 5 s. */
export async function inspectDatabase(url: string): Promise<DatabaseFacts> {
  const client = new Client({
    connectionString: url,
    application_name: 'deckle doctor',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const migrations = await appliedMigrations(client)
    return {
      ...(await serverFacts(client)),
      clockAheadMs: await clockAhead(client),
      missingMigrations: migrationNames.filter((name) => !migrations.includes(name)),
      unknownMigrations: migrations.filter((name) => !migrationNames.includes(name)),
      blobStore: migrations.length === 0 ? undefined : await blobStore(client),
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function serverFacts(client: Client) {
  const { rows } = await client.query<{
    version: string
    versionNumber: number
    fsync: string
    synchronousCommit: string
    fullPageWrites: string
    maxConnections: number
    openConnections: number
    databaseBytes: number
  }>(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS "versionNumber",
      current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS "synchronousCommit",
      current_setting('full_page_writes') AS "fullPageWrites",
      current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        AS "maxConnections",
      (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend') AS "openConnections",
      pg_database_size(current_database())::float8 AS "databaseBytes"`)
  const [row] = rows
  if (row === undefined) throw new Error('the database tells nothing about itself')
  const { fsync, synchronousCommit, fullPageWrites, ...facts } = row
  return {
    ...facts,
    durability: { fsync, synchronous_commit: synchronousCommit, full_page_writes: fullPageWrites },
  }
}

/** Against the middle of the time that asking took. */
async function clockAhead(client: Client): Promise<number> {
  const before = Date.now()
  const { rows } = await client.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  )
  return (rows[0]?.now ?? before) - (before + Date.now()) / 2
}

async function appliedMigrations(client: Client): Promise<readonly string[]> {
  const { rows: found } = await client.query(`SELECT FROM pg_class WHERE oid = to_regclass('kysely_migration')`)
  if (found.length === 0) return []
  const { rows } = await client.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name')
  return rows.map((row) => row.name)
}

async function blobStore(client: Client): Promise<DatabaseFacts['blobStore']> {
  const { rows } = await client.query<{ id: string; marked: boolean }>(
    `SELECT value->>'id' AS id, (value->>'marked')::boolean AS marked FROM server_state WHERE name = 'blob_store'`,
  )
  return rows[0]
}
