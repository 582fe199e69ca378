import { type Client, escapeIdentifier } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { BackupTable, DatabaseSnapshot, SequenceState } from '../../core/backup.ts'
import type { Measured } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import {
  appliedMigrations,
  declareStoredBlobs,
  fetchStoredBlobs,
  openBackupSession,
  quotedColumns,
} from './backup-session.ts'
import { readBackupTables } from './read-tables.ts'

type Facts = Pick<DatabaseSnapshot, 'postgres' | 'migrations' | 'tables' | 'sequences' | 'blobs'>

/** One REPEATABLE READ transaction, beside servers that work on. To be used inside `withoutSweeps`. */
export class PostgresSnapshot implements DatabaseSnapshot {
  readonly postgres: string
  readonly migrations: readonly string[]
  readonly tables: readonly BackupTable[]
  readonly sequences: readonly SequenceState[]
  readonly blobs: { readonly count: number; readonly bytes: number }
  readonly #client: Client

  private constructor(client: Client, facts: Facts) {
    this.#client = client
    this.postgres = facts.postgres
    this.migrations = facts.migrations
    this.tables = facts.tables
    this.sequences = facts.sequences
    this.blobs = facts.blobs
  }

  /** Throws kind `invalid` when the database holds no Deckle. */
  static async open(url: string): Promise<PostgresSnapshot> {
    const client = await openBackupSession(url, 'deckle backup')
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      return new PostgresSnapshot(client, await readFacts(client))
    } catch (error) {
      await client.end()
      throw error
    }
  }

  async readRows(table: BackupTable, sink: (chunk: Uint8Array) => Promise<unknown>): Promise<number> {
    const query = `COPY (SELECT ${quotedColumns(table)} FROM ${escapeIdentifier(table.name)}) TO STDOUT`
    const stream = this.#client.query(copyTo(query))
    for await (const chunk of stream) await sink(chunk)
    // The stream ends before the server has told how many rows there were; the next answer comes after that.
    await this.#client.query('SELECT')
    return stream.rowCount
  }

  /** Ends the transaction: reading bytes may take hours, in which vacuum would be held up. */
  async *storedBlobs(): AsyncGenerator<Measured> {
    await declareStoredBlobs(this.#client, 'WITH HOLD')
    await this.#client.query('COMMIT')
    yield* fetchStoredBlobs(this.#client)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end()
  }
}

async function readFacts(client: Client): Promise<Facts> {
  const migrations = await appliedMigrations(client)
  if (migrations === undefined) throw new DeckleError('invalid', 'there is nothing to back up: the database is empty')
  const tables = await readBackupTables(client)
  // Else a migration could change a table between its description and its rows.
  await client.query(`LOCK TABLE ${tables.map(({ name }) => escapeIdentifier(name)).join(', ')} IN ACCESS SHARE MODE`)
  const version = await client.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
  const blobs = await client.query<{ count: number; bytes: number }>(`
    SELECT count(*)::float8 AS count, coalesce(sum(size), 0)::float8 AS bytes FROM blob WHERE stored_at IS NOT NULL`)
  return {
    postgres: version.rows[0]?.version ?? 'unknown',
    migrations,
    tables,
    sequences: await readSequences(client),
    blobs: blobs.rows[0] ?? { count: 0, bytes: 0 },
  }
}

/** Sequences are no part of a snapshot: read after it was taken, they are beyond all its rows. */
async function readSequences(client: Client): Promise<readonly SequenceState[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT relname::text AS name FROM pg_class
    WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace ORDER BY relname`)
  const states: SequenceState[] = []
  for (const { name } of rows) {
    const state = await client.query<{ value: number; called: boolean }>(
      `SELECT last_value::float8 AS value, is_called AS called FROM ${escapeIdentifier(name)}`,
    )
    states.push(...state.rows.map((row) => ({ name, ...row })))
  }
  return states
}
