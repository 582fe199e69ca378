import { type RawBuilder, sql } from 'kysely'
import type { Pool } from 'pg'
import { notFound } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import type {
  RepositoryVersion,
  UnitQuery,
  UnitWithDocuments,
  VersionCommit,
  VersionDraft,
  VersionName,
  VersionStore,
} from '../../core/repository-version.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { openBase } from './base-version.ts'
import { FreshStatistics } from './fresh-statistics.ts'
import { readUnits } from './read-units.ts'
import { takeOverVersion } from './take-over-version.ts'
import { PostgresVersionDraft } from './version-draft.ts'

/** Version 0, in which nothing is, has no row: it is as old as its repository. */
interface VersionRow {
  readonly number: number
  readonly created: Date
  readonly counts: Readonly<Record<string, number>> | null
  readonly file_bytes: number | null
  readonly pruned: boolean | null
  readonly found: boolean
}

/** Repository versions and their units in PostgreSQL. */
export class PostgresVersionStore implements VersionStore {
  readonly #database: Database
  readonly #pool: Pool
  readonly #types: ContentTypeIds

  constructor(database: Database, pool: Pool, types: ContentTypeIds) {
    this.#database = database
    this.#pool = pool
    this.#types = types
  }

  async open(repositoryId: string, fence: Fence): Promise<VersionDraft> {
    return fenced(this.#database, fence, async (transaction) => {
      const { repository, importer, version } = await openBase(transaction, repositoryId)
      const context = { database: this.#database, types: this.#types, fence, repositoryId }
      return new PostgresVersionDraft({ ...context, repository, importer, base: version })
    })
  }

  async takeOver(repositoryId: string, source: VersionName, fence: Fence): Promise<VersionCommit> {
    const work = { types: this.#types, repositoryId, source, task: fence.taskKey }
    const commit = await fenced(this.#database, fence, (transaction) => takeOverVersion(transaction, work))
    await new FreshStatistics(this.#database).added(commit.added + commit.updated)
    return commit
  }

  async commitTogether(drafts: readonly VersionDraft[], fence: Fence): Promise<readonly VersionCommit[]> {
    return fenced(this.#database, fence, async (transaction) => {
      const commits: VersionCommit[] = []
      for (const draft of drafts) {
        if (!(draft instanceof PostgresVersionDraft)) throw new TypeError('the draft was opened in another store')
        commits.push(await draft.commitIn(transaction))
      }
      return commits
    })
  }

  get(repositoryId: string, number: number): Promise<RepositoryVersion> {
    return this.#read(repositoryId, sql`${number}::integer`)
  }

  latest(repositoryId: string): Promise<RepositoryVersion> {
    return this.#read(repositoryId, sql`repository.latest`)
  }

  async #read(repositoryId: string, wanted: RawBuilder<unknown>): Promise<RepositoryVersion> {
    const { rows } = await sql<VersionRow>`
      SELECT ${wanted} AS number, coalesce(version.created, repository.created) AS created, version.counts,
        version.file_bytes, version.pruned, version.number IS NOT NULL AS found
      FROM repository LEFT JOIN repository_version AS version
        ON version.repository = repository.id AND version.number = ${wanted}
      WHERE repository.name = ${repositoryId}`.execute(this.#database)
    const [row] = rows
    if (row === undefined) throw notFound({ repository: repositoryId })
    const { number, created, counts, file_bytes, pruned, found } = row
    if (!found && number > 0) throw notFound({ repository: repositoryId, version: String(number) })
    return { number, created, counts: counts ?? {}, fileBytes: file_bytes ?? 0, pruned: pruned ?? false }
  }

  units(query: UnitQuery): AsyncIterable<UnitWithDocuments> {
    return readUnits(this.#database, this.#pool, this.#types, query)
  }

  async remembered(repositoryId: string): Promise<Json | undefined> {
    const row = await this.#database
      .selectFrom('importer')
      .innerJoin('repository', 'repository.id', 'importer.repository')
      .select('importer.remembered')
      .where('repository.name', '=', repositoryId)
      .whereRef('importer.remembered_version', '=', 'repository.latest')
      .executeTakeFirst()
    return row?.remembered ?? undefined
  }
}
