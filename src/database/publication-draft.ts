import { type Selectable, sql, type Transaction } from 'kysely'
import type { Json } from '../core/json.ts'
import type { NewGeneratedFile, NewPublication, PublicationDraft } from '../core/publication.ts'
import { decodeRope, encodeRope, type Rope } from '../core/rope.ts'
import type { SegmentIndex } from '../core/segment.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { assertFence } from './fence.ts'
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
    await this.#fenced(async (transaction) => {
      const parts = files.flatMap((file) => file.rope)
      await saveBlobs(transaction, parts)
      const rows = files.map((file) => ({
        publication: this.#id,
        path: file.path,
        size: file.size,
        sha256: Buffer.from(file.sha256, 'hex'),
        media_type: file.mediaType,
        parts: encodeRope(file.rope),
      }))
      await transaction.insertInto('generated_file').values(rows).execute()
      await this.#refer(transaction, parts)
    })
  }

  async #refer(transaction: Transaction<Schema>, parts: Rope): Promise<void> {
    await sql`
      INSERT INTO generated_blob (sha256, publication)
      SELECT DISTINCT sha256, ${this.#id}::bigint
      FROM unnest(${parts.map((part) => Buffer.from(part.sha256, 'hex'))}::bytea[]) AS part (sha256)
      ON CONFLICT DO NOTHING`.execute(transaction)
  }

  async addSegments(set: string, index: SegmentIndex): Promise<void> {
    await this.#fenced(async (transaction) => {
      const row = { publication: this.#id, set, index: jsonb(index) }
      await transaction.insertInto('publication_segments').values(row).execute()
    })
  }

  /** Takes over the files of a publication that is held, but for those at `except`, which it returns. */
  async shareIn(
    transaction: Transaction<Schema>,
    publication: number,
    except: readonly string[],
  ): Promise<readonly NewGeneratedFile[]> {
    await sql`
      INSERT INTO generated_file (publication, path, size, sha256, media_type, parts)
      SELECT ${this.#id}::bigint, path, size, sha256, media_type, parts FROM generated_file
      WHERE publication = ${publication} AND path <> ALL (${except}::text[])`.execute(transaction)
    await sql`
      INSERT INTO generated_blob (sha256, publication)
      SELECT sha256, ${this.#id}::bigint FROM generated_blob WHERE publication = ${publication}`.execute(transaction)
    await sql`
      INSERT INTO publication_segments (publication, set, index)
      SELECT ${this.#id}::bigint, set, index FROM publication_segments WHERE publication = ${publication}`.execute(
      transaction,
    )
    if (except.length === 0) return []
    const left = transaction.selectFrom('generated_file').selectAll().where('publication', '=', publication)
    return (await left.where('path', 'in', except).execute()).map(toGeneratedFile)
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

  activate(scratchpad?: Json): Promise<void> {
    return this.#fenced((transaction) => this.activateIn(transaction, scratchpad))
  }

  /** The same in a transaction that has asserted the fence. */
  async activateIn(transaction: Transaction<Schema>, scratchpad?: Json): Promise<void> {
    const { column, key, basePath } = this.#publication
    const now = await this.#seal(transaction)
    await this.#supersede(transaction, now)
    await transaction
      .insertInto('live_publication')
      .values({ base_path: basePath, [column]: key, publication: this.#id })
      .onConflict((conflict) =>
        conflict
          .column('base_path')
          .doUpdateSet({ distributor: null, group_distributor: null, [column]: key, publication: this.#id }),
      )
      .execute()
    if (column === 'distributor') await this.#stamp(transaction, now, scratchpad)
    await announceSwitch(transaction, basePath)
  }

  async #stamp(transaction: Transaction<Schema>, now: Date, scratchpad: Json | undefined): Promise<void> {
    const kept = scratchpad === undefined ? {} : { scratchpad: jsonb(scratchpad) }
    const distributor = transaction.updateTable('distributor').where('id', '=', this.#publication.key)
    await distributor.set({ last_publish: now, ...kept }).execute()
  }

  async #seal(transaction: Transaction<Schema>): Promise<Date> {
    const row = await transaction
      .updateTable('publication')
      .set({ live_from: sql`now()` })
      .where('id', '=', this.#id)
      .returning('live_from')
      .executeTakeFirstOrThrow()
    return row.live_from as Date
  }

  /** The one that was live here, and the distributor's own one at another base path that it has moved away from. */
  async #supersede(transaction: Transaction<Schema>, now: Date): Promise<void> {
    const { column, key, basePath } = this.#publication
    const superseded = await transaction
      .deleteFrom('live_publication')
      .where((where) => where.or([where('base_path', '=', basePath), where(column, '=', key)]))
      .returning(['base_path', 'publication'])
      .execute()
    for (const row of superseded) {
      await transaction
        .updateTable('publication')
        .set({ superseded_at: now })
        .where('id', '=', row.publication)
        .execute()
      if (row.base_path !== basePath) await announceSwitch(transaction, row.base_path)
    }
  }

  async abandon(): Promise<void> {
    await this.#fenced(async (transaction) => {
      await transaction.deleteFrom('publication').where('id', '=', this.#id).execute()
    })
  }

  #fenced<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return this.#database.transaction().execute(async (transaction) => {
      await assertFence(transaction, this.#fence)
      return work(transaction)
    })
  }
}

function toGeneratedFile(row: Selectable<Schema['generated_file']>): NewGeneratedFile {
  const { path, size, sha256, media_type: mediaType, parts } = row
  return { path, size, sha256: sha256.toString('hex'), mediaType, rope: decodeRope(parts) }
}
