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

  async get(repositoryId: string, number: number): Promise<RepositoryVersion> {
    const row = await this.#database
      .selectFrom('repository')
      .leftJoin('repository_version', (join) =>
        join.onRef('repository_version.repository', '=', 'repository.id').on('repository_version.number', '=', number),
      )
      .select(['repository.created as repository_created', 'repository_version.number'])
      .select(['repository_version.created', 'repository_version.counts', 'repository_version.file_bytes'])
      .select('repository_version.pruned')
      .where('repository.name', '=', repositoryId)
      .executeTakeFirst()
    if (row === undefined) throw notFound({ repository: repositoryId })
    if (number === 0) return { number, created: row.repository_created, counts: {}, fileBytes: 0, pruned: false }
    if (row.created === null) throw notFound({ repository: repositoryId, version: String(number) })
    const { created, counts, file_bytes, pruned } = row
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
