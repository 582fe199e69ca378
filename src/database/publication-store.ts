import { sql, type Transaction } from 'kysely'
import { DeckleError, notFound } from '../core/errors.ts'
import type {
  GroupPublicationDraft,
  NewGroupPublication,
  NewPublication,
  Publication,
  PublicationDraft,
  PublicationStore,
} from '../core/publication.ts'
import { decodeRope } from '../core/rope.ts'
import type { Fence } from '../core/task.ts'
import type { Database } from './connection.ts'
import { fenced } from './fence.ts'
import { PostgresPublicationDraft, type PublicationOwner } from './publication-draft.ts'
import { jsonb, type Schema } from './schema.ts'

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

  async beginShared(publication: NewPublication, model: number, except: readonly string[], fence: Fence) {
    return fenced(this.#database, fence, async (transaction) => {
      if (!(await holdPublication(transaction, model))) return undefined
      const draft = await this.#begin(transaction, publication, fence)
      return { draft, left: await draft.shareIn(transaction, model, except) }
    })
  }

  async showShared(publication: NewPublication, model: number, fence: Fence): Promise<boolean> {
    return fenced(this.#database, fence, async (transaction) => {
      if (!(await holdPublication(transaction, model))) return false
      const draft = await this.#begin(transaction, publication, fence)
      await draft.shareIn(transaction, model, [])
      await draft.activateIn(transaction)
      return true
    })
  }

  async #begin(transaction: Transaction<Schema>, publication: NewPublication, fence: Fence) {
    await requireWhole(transaction, publication)
    const made = { ...publication, column: 'distributor', key: publication.distributorKey } as const
    return this.#draft(transaction, made, fence)
  }

  async #draft(transaction: Transaction<Schema>, made: NewRow, fence: Fence) {
    await dropDrafts(transaction, made)
    const id = await insertDraft(transaction, made, fence)
    return new PostgresPublicationDraft(this.#database, fence, made, id)
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

/** Drafts that a dead run of the same distributor left. Only one task at a time works on a repository, or on a group. */
async function dropDrafts(transaction: Transaction<Schema>, { column, key }: PublicationOwner): Promise<void> {
  await transaction.deleteFrom('publication').where(column, '=', key).where('live_from', 'is', null).execute()
}

async function insertDraft(transaction: Transaction<Schema>, made: NewRow, fence: Fence): Promise<number> {
  const { repositoryId } = made
  const row = await transaction
    .insertInto('publication')
    .values(({ selectFrom }) => ({
      [made.column]: made.key,
      distributor_type: made.distributorType,
      repository:
        repositoryId === undefined ? null : selectFrom('repository').select('id').where('name', '=', repositoryId),
      version: made.version ?? 0,
      layout: made.layout ?? generatedOnly,
      config: jsonb(made.config),
      base_path: made.basePath,
      dated: made.dated ?? null,
      task: fence.taskKey,
    }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}
