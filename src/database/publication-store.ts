import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../core/errors.ts'
import type {
  GroupPublicationDraft,
  NewGeneratedFile,
  NewGroupPublication,
  NewPublication,
  Publication,
  PublicationDraft,
  PublicationStore,
} from '../core/publication.ts'
import { decodeRope } from '../core/rope.ts'
import type { SegmentIndex } from '../core/segment.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { fenced } from './fence.ts'
import { PostgresPublicationDraft, type PublicationOwner } from './publication-draft.ts'
import { readFiles } from './publication-files.ts'
import { jsonb, type Schema } from './schema.ts'
import { saveBlobs } from './space/save-blobs.ts'

type PublicationRow = Publication & { readonly basePath: string }
/** Of a group it names no repository, version and layout. */
type NewRow = PublicationOwner & Omit<NewGroupPublication, 'groupDistributorKey'> & Partial<NewPublication>

/** The layout of publications of groups: nobody has it, so that no unit file is looked for. */
const generatedOnly = 'generated'

/** Of a row `publication` with its `repository` and `version`, as a `PublicationRow`. */
const columns = sql`publication.id, repository.name AS "repositoryId", publication.distributor AS "distributorKey",
  publication.version, publication.layout, publication.config, publication.base_path AS "basePath",
  coalesce(publication.dated, version.created, publication.created) AS dated, live_from AS "liveFrom",
  superseded_at AS "supersededAt"`
const joins = sql`JOIN repository ON repository.id = publication.repository LEFT JOIN repository_version AS version
  ON version.repository = publication.repository AND version.number = publication.version`

/** One of which has the same config, or none does. */
const mostAlike = 100

const empty = Buffer.alloc(0)

/** Publications in PostgreSQL: made aside, sealed, then one pointer moves. */
export class PostgresPublicationStore implements PublicationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  begin(publication: NewPublication, fence: Fence): Promise<PublicationDraft> {
    return fenced(this.#database, fence, (transaction) => this.#begin(transaction, publication, fence))
  }

  beginGroup(publication: NewGroupPublication, fence: Fence): Promise<GroupPublicationDraft> {
    const made = { ...publication, column: 'group_distributor', key: publication.groupDistributorKey } as const
    return fenced(this.#database, fence, (transaction) => this.#draft(transaction, made, fence))
  }

  async showShared(
    publication: NewPublication,
    model: number,
    made: readonly NewGeneratedFile[],
    fence: Fence,
  ): Promise<boolean> {
    return fenced(this.#database, fence, async (transaction) => {
      await saveBlobs(
        transaction,
        made.flatMap(({ rope }) => rope),
      )
      if (!(await holdPublication(transaction, model))) return false
      const draft = await this.#begin(transaction, publication, fence)
      await draft.shareIn(transaction, model, made)
      await draft.activateIn(transaction)
      return true
    })
  }

  files(publication: number, paths: readonly string[]): Promise<readonly NewGeneratedFile[]> {
    return readFiles(this.#database, publication, paths)
  }

  async #begin(transaction: Transaction<Schema>, publication: NewPublication, fence: Fence) {
    await requireWhole(transaction, publication)
    const made = { ...publication, column: 'distributor', key: publication.distributorKey } as const
    return this.#draft(transaction, made, fence)
  }

  async #draft(transaction: Transaction<Schema>, made: NewRow, fence: Fence) {
    const id = await replaceDrafts(transaction, made, fence)
    return new PostgresPublicationDraft(this.#database, fence, made, id)
  }

  async segments(publication: number, set: string) {
    const { rows } = await sql<{ index: SegmentIndex; path: string | null; parts: Buffer | null }>`
      SELECT segments.index, file.path, file.parts FROM publication_segments AS segments
      LEFT JOIN generated_file AS file ON file.publication = segments.publication
        AND file.path IN (SELECT jsonb_array_elements_text(segments.index -> 'paths'))
      WHERE segments.publication = ${publication} AND segments.set = ${set}`.execute(this.#database)
    const [row] = rows
    if (row === undefined) return undefined
    const ropes = row.index.paths.map((path) => decodeRope(rows.find((file) => file.path === path)?.parts ?? empty))
    return { index: row.index, ropes }
  }

  async live(distributorKey: number): Promise<(Publication & { readonly basePath: string }) | undefined> {
    const { rows } = await sql<PublicationRow>`
      SELECT ${columns} FROM live_publication JOIN publication ON publication.id = live_publication.publication ${joins}
      WHERE live_publication.distributor = ${distributorKey}`.execute(this.#database)
    return rows[0]
  }

  async alike(wanted: NewPublication): Promise<readonly Publication[]> {
    const { rows } = await sql<PublicationRow>`
      SELECT ${columns} FROM publication ${joins}
      WHERE live_from IS NOT NULL AND distributor_type = ${wanted.distributorType} AND layout = ${wanted.layout}
        AND (publication.repository, publication.version) IN (
          SELECT same.repository, same.number FROM repository AS own
          JOIN repository_version AS one ON one.repository = own.id AND one.number = ${wanted.version}
          JOIN repository_version AS same USING (content) WHERE own.name = ${wanted.repositoryId})
      ORDER BY publication.id DESC LIMIT ${mostAlike}`.execute(this.#database)
    return rows
  }
}

/** While it is held its blobs are referred to, so they need no lock of their own. False when it is gone. */
async function holdPublication(transaction: Transaction<Schema>, id: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM publication WHERE id = ${id} AND live_from IS NOT NULL FOR KEY SHARE`.execute(transaction)
  return rows.length > 0
}

/**
 * Holds the version as it is: orphan deletion locks the versions that it takes units from, then looks for publications. The
 * repository comes first, as in retention.
 */
async function requireWhole(transaction: Transaction<Schema>, publication: NewPublication): Promise<void> {
  const { repositoryId, version } = publication
  const { rows } = await sql<{ pruned: boolean }>`
    WITH held AS MATERIALIZED (SELECT id FROM repository WHERE name = ${repositoryId} FOR KEY SHARE)
    SELECT version.pruned FROM held JOIN repository_version AS version ON version.repository = held.id
    WHERE version.number = ${version} FOR SHARE OF version`.execute(transaction)
  const [row] = rows
  if (row === undefined && version > 0) throw notFound({ repository: repositoryId, version: String(version) })
  if (row?.pruned !== true) return
  const message = `version ${version} of ${repositoryId} cannot be published: units of it were deleted as orphans`
  throw new DeckleError('conflict', message, { resources: { repository: repositoryId, version: String(version) } })
}

/**
 * Returns the row id of a new draft, in the place of those that a dead run of the same distributor left. Only one task at a time works
 * on a repository, or on a group.
 */
async function replaceDrafts(transaction: Transaction<Schema>, made: NewRow, fence: Fence): Promise<number> {
  const owner = sql.ref(made.column)
  const { rows } = await sql<{ id: number }>`
    WITH dropped AS (DELETE FROM publication WHERE ${owner} = ${made.key} AND live_from IS NULL)
    INSERT INTO publication (${owner}, distributor_type, repository, version, layout, config, base_path, dated, task)
    VALUES (${made.key}, ${made.distributorType}, (SELECT id FROM repository WHERE name = ${made.repositoryId ?? null}),
      ${made.version ?? 0}, ${made.layout ?? generatedOnly}, ${jsonb(made.config)}, ${made.basePath},
      ${made.dated ?? null}, ${fence.taskKey})
    RETURNING id`.execute(transaction)
  return rows[0]?.id as number
}
