import { Client, escapeIdentifier } from 'pg'
import type { BackupTable } from '../../core/backup.ts'
import type { Measured } from '../../core/digest.ts'

/**
 * Values as text must mean the same to the server that reads them. Batches of large blobs leave the session idle for long,
 * inside a transaction and outside of one.
 */
const settings = `
  SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET extra_float_digits = 1;
  SET bytea_output = 'hex'; SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0;
  SET idle_in_transaction_session_timeout = 0`

/** A session of its own for a backup or a restore; from a pool it would lose its locks. */
export async function openBackupSession(url: string, name: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: name, keepAlive: true })
  // The statement under way fails and tells.
  client.on('error', () => undefined)
  await client.connect()
  await client.query(settings)
  return client
}

/** Names of the migrations that made the schema; undefined when Deckle has never been here. */
export async function appliedMigrations(client: Client): Promise<readonly string[] | undefined> {
  const found = await client.query(`SELECT FROM pg_class WHERE oid = to_regclass('kysely_migration')`)
  if (found.rowCount === 0) return undefined
  const { rows } = await client.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name')
  return rows.map(({ name }) => name)
}

export function quotedColumns(table: BackupTable): string {
  return table.columns.map(escapeIdentifier).join(', ')
}

/** Where stored blobs are read by `fetchBlobs`; `hold` lets it outlive the transaction. */
export async function declareStoredBlobs(client: Client, hold: 'WITH HOLD' | 'WITHOUT HOLD'): Promise<void> {
  await client.query(`
    DECLARE stored_blobs NO SCROLL CURSOR ${hold} FOR
    SELECT encode(sha256, 'hex') AS sha256, size::float8 AS size FROM blob WHERE stored_at IS NOT NULL ORDER BY sha256`)
}

/** In order of the names, in bounded memory. */
export async function* fetchStoredBlobs(client: Client): AsyncGenerator<Measured> {
  for (;;) {
    const { rows } = await client.query<Measured>('FETCH 1000 FROM stored_blobs')
    if (rows.length === 0) return
    yield* rows
  }
}
