import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Migration } from 'kysely/migration'
import { type Client, escapeIdentifier } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { BackupManifest, BackupTable, RestoreTarget, SequenceState } from '../../core/backup.ts'
import type { Measured } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { type Database, openDatabase } from '../connection.ts'
import { knownMigrations, migrate } from '../migrate.ts'
import { declareStoredBlobs, fetchStoredBlobs, openBackupSession, quotedColumns } from './backup-session.ts'
import { readBackupTables } from './read-tables.ts'
import { requireEmpty, requireKnown, requireLevel } from './restore-checks.ts'
import { keepServersOut } from './server-mark.ts'
import { settleTasks } from './settle-tasks.ts'
import { keepStoreIdentity, putBackStoreIdentity } from './store-identity.ts'

export interface RestoreTargetOptions {
  readonly url: string
  /** Makes the blob store the database's own; refuses one of another database. */
  claimStore(database: Database): Promise<void>
  /** All that there are, unless a test says otherwise. */
  readonly migrations?: Readonly<Record<string, Migration>>
}

/** The schema is made first, by migrations; everything else is one transaction, whose end is the end of the restore. */
export class PostgresRestoreTarget implements RestoreTarget {
  readonly #options: RestoreTargetOptions
  readonly #client: Client
  readonly #migrations: Readonly<Record<string, Migration>>
  #tables: ReadonlySet<string> = new Set()
  #ownStore = false

  private constructor(options: RestoreTargetOptions, client: Client) {
    this.#options = options
    this.#client = client
    this.#migrations = options.migrations ?? knownMigrations
  }

  static async open(options: RestoreTargetOptions): Promise<PostgresRestoreTarget> {
    return new PostgresRestoreTarget(options, await openBackupSession(options.url, 'deckle restore'))
  }

  async begin(manifest: BackupManifest): Promise<void> {
    this.#ownStore = manifest.blobs.included
    requireKnown(manifest, Object.keys(this.#migrations))
    await keepServersOut(this.#client)
    await requireEmpty(this.#client)
    await requireLevel(this.#client, manifest, 'at most')
    await this.#prepare(manifest)
    await this.#client.query('BEGIN')
    if (this.#ownStore) await keepStoreIdentity(this.#client)
    await this.#clear()
    await requireLevel(this.#client, manifest, 'exactly')
  }

  async loadRows(table: BackupTable, rows: AsyncIterable<Uint8Array>): Promise<number> {
    const name = escapeIdentifier(table.name)
    if (!this.#tables.has(table.name)) throw unfit(table, 'there is no such table')
    const stream = this.#client.query(copyFrom(`COPY ${name} (${quotedColumns(table)}) FROM STDIN`))
    try {
      await pipeline(Readable.from(rows), stream)
    } catch (error) {
      throw error instanceof DeckleError ? error : unfit(table, error instanceof Error ? error.message : String(error))
    }
    return stream.rowCount
  }

  async setSequences(states: readonly SequenceState[]): Promise<void> {
    for (const { name, value, called } of states) {
      await this.#client.query('SELECT setval($1::regclass, $2, $3)', [escapeIdentifier(name), value, called])
    }
  }

  async *storedBlobs(): AsyncGenerator<Measured> {
    await declareStoredBlobs(this.#client, 'WITHOUT HOLD')
    yield* fetchStoredBlobs(this.#client)
  }

  async forgetBlobs(sha256s: readonly string[]): Promise<void> {
    const digests = sha256s.map((sha256) => Buffer.from(sha256, 'hex'))
    await this.#client.query('UPDATE blob SET stored_at = NULL WHERE sha256 = ANY ($1::bytea[])', [digests])
  }

  async commit(): Promise<void> {
    await settleTasks(this.#client)
    if (this.#ownStore) await putBackStoreIdentity(this.#client)
    await this.#client.query('COMMIT')
    await this.#inPool((database) => migrate(database, { migrations: this.#migrations }))
    await this.#client.query('ANALYZE')
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  #prepare(manifest: BackupManifest): Promise<void> {
    const to = manifest.migrations.at(-1)
    return this.#inPool(async (database) => {
      await migrate(database, { migrations: this.#migrations, ...(to !== undefined && { to }) })
      if (this.#ownStore) await this.#options.claimStore(database)
    })
  }

  async #inPool(work: (database: Database) => Promise<unknown>): Promise<void> {
    const opened = openDatabase(this.#options.url, silentLog, 1)
    try {
      await work(opened.database)
    } finally {
      await opened.close()
    }
  }

  /** Migrations write rows of their own, and a server that was started here once has made an admin. */
  async #clear(): Promise<void> {
    const tables = await readBackupTables(this.#client)
    this.#tables = new Set(tables.map(({ name }) => name))
    const names = tables.map(({ name }) => escapeIdentifier(name)).join(', ')
    await this.#client.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`)
    // Again, now that nobody can add anything.
    await requireEmpty(this.#client)
    await this.#client.query(`TRUNCATE ${names} CASCADE`)
  }
}

function unfit(table: BackupTable, reason: string): DeckleError {
  return new DeckleError('invalid', `the rows of table ${table.name} cannot be restored: ${reason}`)
}
