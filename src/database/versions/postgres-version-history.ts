import { sql } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { DescribedVersion, UnitChange, VersionHistory, VersionPublication } from '../../core/version-history.ts'
import type { Database } from '../connection.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'

interface VersionRow {
  readonly number: number
  readonly created: Date
  readonly counts: Readonly<Record<string, number>>
  readonly file_bytes: number
  readonly pruned: boolean
  readonly latest: boolean
}

interface ChangeRow {
  readonly identity: string
  readonly before: number | null
  readonly after: number | null
  readonly type: number
  readonly metadata: JsonObject
}

/** Changes that are read at a time. */
const pageChanges = 2_000

/** Versions of repositories in PostgreSQL. */
export class PostgresVersionHistory implements VersionHistory {
  readonly #database: Database
  readonly #types: ContentTypeIds

  constructor(database: Database, types: ContentTypeIds) {
    this.#database = database
    this.#types = types
  }

  async list(repositoryId: string): Promise<readonly DescribedVersion[]> {
    const repository = await this.#repository(repositoryId)
    const rows = await this.#versions(repository.id)
    const publications = await this.#publications(repository.id)
    return rows.map((row) => describe(row, publications.get(row.number)))
  }

  async get(repositoryId: string, number: number): Promise<DescribedVersion> {
    const repository = await this.#repository(repositoryId)
    const [row = number === 0 ? empty(repository) : undefined] = await this.#versions(repository.id, number)
    if (row === undefined) throw notFound({ repository: repositoryId, version: String(number) })
    return describe(row, (await this.#publications(repository.id, number)).get(number))
  }

  async *changes(repositoryId: string, from: number, to: number): AsyncIterable<UnitChange> {
    const { id } = await this.#repository(repositoryId)
    for (const number of [from, to]) await this.#requireWhole(repositoryId, number)
    for (let last: string | null = null; ; ) {
      const rows = await this.#page(id, { from, to }, last)
      for (const row of rows) yield this.#toChange(row)
      last = rows.length < pageChanges ? null : (rows.at(-1)?.identity ?? null)
      if (last === null) break
    }
    // Rows of a version that went meanwhile were missing.
    for (const number of [from, to]) await this.#requireWhole(repositoryId, number)
  }

  async #repository(id: string): Promise<{ readonly id: number; readonly created: Date; readonly latest: number }> {
    const query = this.#database.selectFrom('repository').select(['id', 'created', 'latest']).where('name', '=', id)
    const row = await query.executeTakeFirst()
    if (row === undefined) throw notFound({ repo_id: id })
    return row
  }

  async #versions(repository: number, number: number | null = null): Promise<readonly VersionRow[]> {
    const { rows } = await sql<VersionRow>`
      SELECT number, version.created, counts, file_bytes, pruned, number = repository.latest AS latest
      FROM repository_version AS version JOIN repository ON repository.id = version.repository
      WHERE version.repository = ${repository} AND number <= repository.latest
        AND (${number}::integer IS NULL OR number = ${number}::integer)
      ORDER BY number DESC`.execute(this.#database)
    return rows
  }

  async #publications(repository: number, version: number | null = null) {
    const { rows } = await sql<VersionPublication & { version: number }>`
      SELECT publication.version, distributor.name AS "distributorId", base_path AS "basePath",
        live_from AS "liveFrom", superseded_at AS "supersededAt"
      FROM publication JOIN distributor ON distributor.id = publication.distributor
      WHERE publication.repository = ${repository} AND live_from IS NOT NULL
        AND (${version}::integer IS NULL OR publication.version = ${version}::integer)
      ORDER BY publication.id`.execute(this.#database)
    return Map.groupBy(rows, (row) => row.version)
  }

  async #requireWhole(repositoryId: string, number: number): Promise<void> {
    if (!(await this.get(repositoryId, number)).pruned) return
    const message = `What version ${number} of ${repositoryId} held is not known any more: units of it were deleted`
    throw new DeckleError('conflict', message, { resources: { repository: repositoryId, version: String(number) } })
  }

  /** The rows of membership that began or ended between the two versions tell all; keys in order. */
  async #page(repository: number, { from, to }: { from: number; to: number }, last: string | null) {
    const [low, high] = [Math.min(from, to), Math.max(from, to)]
    const { rows } = await sql<ChangeRow>`
      WITH touched AS MATERIALIZED (
        SELECT unit, identity, added_in, removed_in FROM membership
        WHERE repository = ${repository} AND added_in > ${low} AND added_in <= ${high}
        UNION ALL
        SELECT unit, identity, added_in, removed_in FROM membership
        WHERE repository = ${repository} AND removed_in > ${low} AND removed_in <= ${high} AND added_in <= ${low}),
      change AS (
        SELECT identity, before.unit AS before, after.unit AS after
        FROM (SELECT * FROM touched WHERE ${holds(from)}) AS before
        FULL JOIN (SELECT * FROM touched WHERE ${holds(to)}) AS after USING (identity)
        WHERE before.unit IS DISTINCT FROM after.unit AND (${last}::uuid IS NULL OR identity > ${last}::uuid)
        ORDER BY identity LIMIT ${pageChanges})
      SELECT change.*, unit.type, unit.metadata FROM change JOIN unit ON unit.id = coalesce(change.after, change.before)
      ORDER BY identity`.execute(this.#database)
    return rows
  }

  #toChange({ before, after, type, identity, metadata }: ChangeRow): UnitChange {
    const kind = before === null ? 'added' : after === null ? 'removed' : 'changed'
    return { kind, type: this.#types.name(type), wireId: identity, metadata }
  }
}

/** Over a row of membership. */
function holds(version: number) {
  return sql<boolean>`added_in <= ${version} AND (removed_in IS NULL OR removed_in > ${version})`
}

function describe(row: VersionRow, publications: readonly VersionPublication[] = []): DescribedVersion {
  const { file_bytes: fileBytes, ...same } = row
  const shown = publications.map(({ distributorId, basePath, liveFrom, supersededAt }) => ({
    distributorId,
    basePath,
    liveFrom,
    supersededAt,
  }))
  return { ...same, fileBytes, publications: shown }
}

/** What every repository began with. */
function empty({ created, latest }: { readonly created: Date; readonly latest: number }): VersionRow {
  return { number: 0, created, counts: {}, file_bytes: 0, pruned: false, latest: latest === 0 }
}
