import { sql, type Transaction } from 'kysely'
import type { Retained, VersionRetention } from '../../core/retention.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { condemn } from '../space/condemn.ts'
import { KeptVersions, type RetentionRules } from './kept-versions.ts'

export interface RetentionLimits {
  /** Rows of one step. */
  readonly memberships?: number
  readonly publications?: number
}

const nothing: Retained = { versions: 0, publications: 0, memberships: 0, more: false }

/**
 * Retention in PostgreSQL. A step locks the repository's row against the commit of a version and against new publications; what
 * both have written shows in the statements after it. Versions that go are marked first, so that nobody takes one whose rows are
 * partly gone for whole, and lose their row last. Rows that somebody else deletes at the moment are left to him: he may be
 * waiting for the repository's row.
 */
export class PostgresVersionRetention implements VersionRetention {
  readonly #database: Database
  readonly #kept: KeptVersions
  readonly #limits: Required<RetentionLimits>

  constructor(database: Database, rules: RetentionRules, limits: RetentionLimits = {}) {
    this.#database = database
    this.#kept = new KeptVersions(rules)
    this.#limits = { memberships: 10_000, publications: 100, ...limits }
  }

  async due(): Promise<readonly number[]> {
    const { rows } = await sql<{ id: number }>`
      SELECT id FROM repository WHERE EXISTS (
        SELECT FROM repository_version AS version WHERE version.repository = repository.id
        AND version.number <= repository.latest - ${this.#kept.count} AND NOT ${this.#kept.keeps(sql`version.number`)})
      OR EXISTS (
        SELECT FROM publication AS old WHERE old.repository = repository.id AND ${this.#kept.mayGo(sql.table('old'))})
      ORDER BY id`.execute(this.#database)
    return rows.map((row) => row.id)
  }

  prune(repository: number): Promise<Retained> {
    return this.#database.transaction().execute(async (transaction) => {
      const { rows } = await sql`SELECT FROM repository WHERE id = ${repository} FOR UPDATE`.execute(transaction)
      if (rows.length === 0) return nothing
      const publications = await this.#deletePublications(transaction, repository)
      await this.#markVersions(transaction, repository)
      const memberships = await this.#deleteMemberships(transaction, repository)
      const more = publications >= this.#limits.publications || memberships >= this.#limits.memberships
      const versions = more ? 0 : await this.#deleteVersions(transaction, repository)
      return { versions, publications, memberships, more }
    })
  }

  pruneGroups(): Promise<number> {
    const old = sql.table('old')
    return this.#database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ id: number }>`
        SELECT old.id FROM publication AS old WHERE old.group_distributor IS NOT NULL
          AND CASE WHEN old.live_from IS NULL THEN ${this.#kept.isLeft(old)} ELSE ${this.#kept.isOver(old)} END
        ORDER BY old.id LIMIT ${this.#limits.publications} FOR UPDATE OF old SKIP LOCKED`.execute(transaction)
      return deletePublications(
        transaction,
        rows.map((row) => row.id),
      )
    })
  }

  async #deletePublications(transaction: Transaction<Schema>, repository: number): Promise<number> {
    const { rows } = await sql<{ id: number }>`
      SELECT old.id FROM publication AS old JOIN repository ON repository.id = old.repository
      WHERE old.repository = ${repository} AND ${this.#kept.mayGo(sql.table('old'))}
      ORDER BY old.id LIMIT ${this.#limits.publications} FOR UPDATE OF old SKIP LOCKED`.execute(transaction)
    return deletePublications(
      transaction,
      rows.map((row) => row.id),
    )
  }

  async #markVersions(transaction: Transaction<Schema>, repository: number): Promise<void> {
    await sql`
      UPDATE repository_version AS version SET pruned = true FROM repository
      WHERE repository.id = ${repository} AND version.repository = repository.id AND NOT version.pruned
        AND NOT ${this.#kept.keeps(sql`version.number`)}`.execute(transaction)
  }

  /** Rows that are in no kept version; those of a version that is being made stay. */
  async #deleteMemberships(transaction: Transaction<Schema>, repository: number): Promise<number> {
    const { numAffectedRows } = await sql`
      DELETE FROM membership WHERE ctid = ANY (ARRAY(
        SELECT old.ctid FROM membership AS old
        WHERE old.repository = ${repository} AND old.removed_in <= ${this.#latest(repository)}
          AND NOT EXISTS (
            SELECT FROM unnest(${this.#keptNumbers(repository)}) AS kept (number)
            WHERE kept.number >= old.added_in AND kept.number < old.removed_in)
        LIMIT ${this.#limits.memberships} FOR UPDATE OF old SKIP LOCKED))`.execute(transaction)
    return Number(numAffectedRows ?? 0n)
  }

  async #deleteVersions(transaction: Transaction<Schema>, repository: number): Promise<number> {
    const { numAffectedRows } = await sql`
      DELETE FROM repository_version AS version USING repository
      WHERE repository.id = ${repository} AND version.repository = repository.id
        AND NOT ${this.#kept.keeps(sql`version.number`)}`.execute(transaction)
    return Number(numAffectedRows ?? 0n)
  }

  #latest(repository: number) {
    return sql<number>`(SELECT latest FROM repository WHERE id = ${repository})`
  }

  #keptNumbers(repository: number) {
    return sql<number[]>`ARRAY(
      SELECT version.number FROM repository_version AS version JOIN repository ON repository.id = version.repository
      WHERE version.repository = ${repository} AND ${this.#kept.keeps(sql`version.number`)})`
  }
}

/** With their generated files, whose blobs are condemned where nothing else needs them. */
async function deletePublications(transaction: Transaction<Schema>, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const blobs = await transaction
    .selectFrom('generated_blob')
    .select('sha256')
    .distinct()
    .where('publication', 'in', ids)
    .execute()
  await transaction.deleteFrom('publication').where('id', 'in', ids).execute()
  await condemn(transaction, sql<boolean>`sha256 = ANY (${blobs.map((blob) => blob.sha256)}::bytea[])`)
  return ids.length
}
