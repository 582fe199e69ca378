import { sql } from 'kysely'
import type {
  Applicability,
  ApplicabilityReport,
  ApplicabilityScope,
  ApplicabilityStore,
  SharedProfile,
} from '../../core/applicability.ts'
import type { Json } from '../../core/json.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import { forgetUnused } from './forget-unused.ts'
import { readReports } from './read-reports.ts'
import { saveFound } from './save-found.ts'

/** What applies to whom, in PostgreSQL. */
export class PostgresApplicabilityStore implements ApplicabilityStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async repositoriesOf(consumerIds: readonly string[]): Promise<readonly string[]> {
    const { rows } = await sql<{ name: string }>`
      SELECT repository.name FROM repository WHERE EXISTS (
        SELECT FROM binding JOIN consumer ON consumer.id = binding.consumer
        WHERE binding.repository = repository.name AND NOT binding.deleted
          AND consumer.name = ANY(${[...consumerIds]}::text[]))
      ORDER BY repository.name`.execute(this.#database)
    return rows.map(({ name }) => name)
  }

  async profilesOf(
    repositoryId: string,
    profileType: string,
    consumerIds?: readonly string[],
  ): Promise<readonly string[]> {
    const some = consumerIds === undefined ? sql`true` : sql`consumer.name = ANY(${[...consumerIds]}::text[])`
    const { rows } = await sql<{ hash: Buffer }>`
      SELECT DISTINCT profile.hash FROM binding
      JOIN consumer ON consumer.id = binding.consumer
      JOIN consumer_profile AS profile ON profile.consumer = consumer.id
      WHERE binding.repository = ${repositoryId} AND NOT binding.deleted AND profile.content_type = ${profileType}
        AND ${some}
      ORDER BY profile.hash`.execute(this.#database)
    return rows.map(({ hash }) => hash.toString('hex'))
  }

  async read(profileType: string, hashes: readonly string[]): Promise<readonly SharedProfile[]> {
    const { rows } = await sql<{ hash: Buffer; profile: Json }>`
      SELECT DISTINCT ON (hash) hash, profile FROM consumer_profile
      WHERE content_type = ${profileType} AND hash = ANY(${toBytes(hashes)}::bytea[])
      ORDER BY hash`.execute(this.#database)
    return rows.map(({ hash, profile }) => ({ hash: hash.toString('hex'), profile }))
  }

  replace(scope: ApplicabilityScope, found: readonly Applicability[], fence?: Fence): Promise<void> {
    return fenced(this.#database, fence, (transaction) => saveFound(transaction, scope, found))
  }

  reports(consumerIds: readonly string[], contentTypes?: readonly string[]): AsyncIterable<ApplicabilityReport> {
    return readReports(this.#database, consumerIds, contentTypes)
  }

  forget(limit: number): Promise<number> {
    return forgetUnused(this.#database, limit)
  }
}

function toBytes(hashes: readonly string[]): readonly Buffer[] {
  return hashes.map((hash) => Buffer.from(hash, 'hex'))
}
