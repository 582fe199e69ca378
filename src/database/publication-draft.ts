import { sql, type Transaction } from 'kysely'
import { DeckleError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { LastOfPublication, NewGeneratedFile, NewPublication, PublicationDraft } from '../core/publication.ts'
import type { SegmentIndex } from '../core/segment.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { fenced } from './fence.ts'
import { insertFiles, shareFiles } from './publication-files.ts'
import { announceSwitch } from './publication-switch.ts'
import { jsonb, type Schema } from './schema.ts'
import { saveBlobs } from './space/save-blobs.ts'

/** The distributor that makes a publication: one of a repository, or one of a group. */
export interface PublicationOwner {
  readonly column: 'distributor' | 'group_distributor'
  readonly key: number
}

type OwnedPublication = PublicationOwner & Pick<NewPublication, 'basePath'>

/** A publication that is being made, in PostgreSQL. */
export class PostgresPublicationDraft implements PublicationDraft {
  readonly #database: Database
  readonly #fence: Fence
  readonly #publication: OwnedPublication
  readonly #id: number

  constructor(database: Database, fence: Fence, publication: OwnedPublication, id: number) {
    this.#database = database
    this.#fence = fence
    this.#publication = publication
    this.#id = id
  }

  async addFiles(files: readonly NewGeneratedFile[]): Promise<void> {
    if (files.length === 0) return
    await this.#fenced((transaction) => this.#saveFiles(transaction, files))
  }

  async addSegmented(set: string, index: SegmentIndex, files: readonly NewGeneratedFile[]): Promise<void> {
    await this.#fenced(async (transaction) => {
      await this.#saveFiles(transaction, files)
      const row = { publication: this.#id, set, index: jsonb(index) }
      await transaction.insertInto('publication_segments').values(row).execute()
    })
  }

  async #saveFiles(transaction: Transaction<Schema>, files: readonly NewGeneratedFile[]): Promise<void> {
    await saveBlobs(
      transaction,
      files.flatMap((file) => file.rope),
    )
    await insertFiles(transaction, this.#id, files)
  }

  /** Takes over the files of a publication that is held, those aside that are `made` instead, whose blobs are saved. */
  async shareIn(
    transaction: Transaction<Schema>,
    publication: number,
    made: readonly NewGeneratedFile[],
  ): Promise<void> {
    const others = made.map(({ path }) => path)
    await shareFiles(transaction, { from: publication, to: this.#id }, others)
    await insertFiles(transaction, this.#id, made)
  }

  async conflictingPaths(limit: number, since?: number): Promise<readonly string[]> {
    // Two files at one path are of two units, of which at least one came after the sound version.
    const fresh = sql`AND unit_file.path IN (
        SELECT path FROM membership AS fresh JOIN unit_file USING (unit)
        WHERE fresh.repository = publication.repository AND fresh.added_in > ${since ?? 0}
          AND fresh.added_in <= publication.version)`
    const { rows } = await sql<{ path: string }>`
      SELECT unit_file.path FROM publication
      JOIN membership ON membership.repository = publication.repository AND membership.added_in <= publication.version
        AND (membership.removed_in IS NULL OR membership.removed_in > publication.version)
      JOIN unit_file ON unit_file.unit = membership.unit
      WHERE publication.id = ${this.#id} ${since === undefined ? sql`` : fresh}
      GROUP BY unit_file.path HAVING count(DISTINCT unit_file.file) > 1
      ORDER BY unit_file.path LIMIT ${limit}`.execute(this.#database)
    return rows.map((row) => row.path)
  }

  activate({ files = [], scratchpad }: LastOfPublication = {}): Promise<void> {
    return this.#fenced(async (transaction) => {
      await this.#saveFiles(transaction, files)
      await this.activateIn(transaction, scratchpad)
    })
  }

  /** The same in a transaction that has asserted the fence. */
  async activateIn(transaction: Transaction<Schema>, scratchpad?: Json): Promise<void> {
    const { basePath } = this.#publication
    const left = await this.#supersede(transaction)
    await this.#point(transaction, scratchpad)
    await announceSwitch(transaction, new Set([basePath, ...left]))
  }

  /**
   * Seals it. What was live here is superseded, and the distributor's own one at another base path that it has moved away from; returns
   * their base paths.
   */
  async #supersede(transaction: Transaction<Schema>): Promise<readonly string[]> {
    const { column, key, basePath } = this.#publication
    const { rows } = await sql<{ left: readonly string[] }>`
      WITH gone AS (
        DELETE FROM live_publication WHERE base_path = ${basePath} OR ${sql.ref(column)} = ${key}
        RETURNING base_path, publication),
      superseded AS (
        UPDATE publication SET superseded_at = now() FROM gone WHERE publication.id = gone.publication),
      sealed AS (
        UPDATE publication SET live_from = now() WHERE id = ${this.#id} RETURNING id)
      SELECT ARRAY(SELECT base_path FROM gone) AS left FROM sealed`.execute(transaction)
    const [row] = rows
    if (row === undefined) throw new DeckleError('internal', `the draft ${this.#id} is gone`)
    return row.left
  }

  /** Moves the live pointer here, and stamps the distributor of a repository. */
  async #point(transaction: Transaction<Schema>, scratchpad: Json | undefined): Promise<void> {
    const { column, key, basePath } = this.#publication
    const kept = scratchpad === undefined ? null : jsonb(scratchpad)
    const stamp = sql`WITH stamped AS (
      UPDATE distributor SET last_publish = now(), scratchpad = coalesce(${kept}::jsonb, scratchpad) WHERE id = ${key})`
    await sql`
      ${column === 'distributor' ? stamp : sql``}
      INSERT INTO live_publication (base_path, ${sql.ref(column)}, publication)
      VALUES (${basePath}, ${key}, ${this.#id})
      ON CONFLICT (base_path) DO UPDATE SET distributor = excluded.distributor,
        group_distributor = excluded.group_distributor, publication = excluded.publication`.execute(transaction)
  }

  async abandon(): Promise<void> {
    await this.#fenced(async (transaction) => {
      await transaction.deleteFrom('publication').where('id', '=', this.#id).execute()
    })
  }

  #fenced<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return fenced(this.#database, this.#fence, work)
  }
}
