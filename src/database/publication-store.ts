import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type {
  NewGeneratedFile,
  NewPublication,
  Publication,
  PublicationDraft,
  PublicationStore,
} from '../core/publication.ts'
import { decodeRope, encodeRope, type Rope } from '../core/rope.ts'
import type { SegmentIndex } from '../core/segment.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { assertFence } from './fence.ts'
import { announceSwitch } from './publication-switch.ts'
import { jsonb, type Schema } from './schema.ts'
import { saveBlobs } from './space/save-blobs.ts'

const empty = Buffer.alloc(0)

/** Publications in PostgreSQL: made aside, sealed, then one pointer moves. */
export class PostgresPublicationStore implements PublicationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async begin(publication: NewPublication, fence: Fence): Promise<PublicationDraft> {
    const id = await this.#database.transaction().execute(async (transaction) => {
      await assertFence(transaction, fence)
      await requireWhole(transaction, publication)
      await dropDrafts(transaction, publication.distributorKey)
      return insertDraft(transaction, publication, fence)
    })
    return new PostgresPublicationDraft(this.#database, fence, publication, id)
  }

  async segments(publication: number, set: string) {
    const row = await this.#database
      .selectFrom('publication_segments')
      .select('index')
      .where('publication', '=', publication)
      .where('set', '=', set)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const files = await this.#database
      .selectFrom('generated_file')
      .select(['path', 'parts'])
      .where('publication', '=', publication)
      .where('path', 'in', row.index.paths)
      .execute()
    const ropes = row.index.paths.map((path) => decodeRope(files.find((file) => file.path === path)?.parts ?? empty))
    return { index: row.index, ropes }
  }

  async live(distributorKey: number): Promise<(Publication & { readonly basePath: string }) | undefined> {
    const row = await this.#database
      .selectFrom('live_publication')
      .innerJoin('publication', 'publication.id', 'live_publication.publication')
      .innerJoin('repository', 'repository.id', 'publication.repository')
      .selectAll('publication')
      .select('repository.name as repository_name')
      .where('live_publication.distributor', '=', distributorKey)
      .executeTakeFirst()
    if (row === undefined) return undefined
    return {
      id: row.id,
      repositoryId: row.repository_name,
      distributorKey,
      version: row.version,
      layout: row.layout,
      config: row.config,
      liveFrom: row.live_from,
      supersededAt: row.superseded_at,
      basePath: row.base_path,
    }
  }
}

/**
 * Holds the version as it is: orphan deletion locks the versions that it takes units from, then looks for publications. The
 * repository comes first, as in retention.
 */
async function requireWhole(transaction: Transaction<Schema>, publication: NewPublication): Promise<void> {
  const { repositoryId, version } = publication
  await transaction.selectFrom('repository').select('id').where('name', '=', repositoryId).forKeyShare().execute()
  const row = await transaction
    .selectFrom('repository_version')
    .innerJoin('repository', 'repository.id', 'repository_version.repository')
    .select('repository_version.pruned')
    .where('repository.name', '=', repositoryId)
    .where('repository_version.number', '=', version)
    .forShare('repository_version')
    .executeTakeFirst()
  if (row === undefined && version > 0) throw notFound({ repository: repositoryId, version: String(version) })
  if (row?.pruned !== true) return
  const message = `version ${version} of ${repositoryId} cannot be published: units of it were deleted as orphans`
  throw new DeckleError('conflict', message, { resources: { repository: repositoryId, version: String(version) } })
}

/** Drafts that a dead run of the same distributor left. Only one task at a time works on a repository. */
async function dropDrafts(transaction: Transaction<Schema>, distributor: number): Promise<void> {
  await transaction
    .deleteFrom('publication')
    .where('distributor', '=', distributor)
    .where('live_from', 'is', null)
    .execute()
}

async function insertDraft(
  transaction: Transaction<Schema>,
  publication: NewPublication,
  fence: Fence,
): Promise<number> {
  const row = await transaction
    .insertInto('publication')
    .values((expressions) => ({
      distributor: publication.distributorKey,
      distributor_type: publication.distributorType,
      repository: expressions.selectFrom('repository').select('id').where('name', '=', publication.repositoryId),
      version: publication.version,
      layout: publication.layout,
      config: jsonb(publication.config),
      base_path: publication.basePath,
      task: fence.taskKey,
    }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

class PostgresPublicationDraft implements PublicationDraft {
  readonly #database: Database
  readonly #fence: Fence
  readonly #publication: NewPublication
  readonly #id: number

  constructor(database: Database, fence: Fence, publication: NewPublication, id: number) {
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

  async activate(scratchpad?: Json): Promise<Publication> {
    const { distributorKey, basePath, config, layout, repositoryId, version } = this.#publication
    const liveFrom = await this.#fenced(async (transaction) => {
      const now = await this.#seal(transaction)
      await this.#supersede(transaction, now)
      await transaction
        .insertInto('live_publication')
        .values({ base_path: basePath, distributor: distributorKey, publication: this.#id })
        .onConflict((conflict) =>
          conflict.column('base_path').doUpdateSet({ distributor: distributorKey, publication: this.#id }),
        )
        .execute()
      const kept = scratchpad === undefined ? {} : { scratchpad: jsonb(scratchpad) }
      const distributor = transaction.updateTable('distributor').where('id', '=', distributorKey)
      await distributor.set({ last_publish: now, ...kept }).execute()
      await announceSwitch(transaction, basePath)
      return now
    })
    return { id: this.#id, repositoryId, distributorKey, version, layout, config, liveFrom, supersededAt: null }
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
    const { distributorKey, basePath } = this.#publication
    const superseded = await transaction
      .deleteFrom('live_publication')
      .where((where) => where.or([where('base_path', '=', basePath), where('distributor', '=', distributorKey)]))
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
