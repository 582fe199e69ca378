import { sql, type Transaction } from 'kysely'
import type { CatalogDraft, CatalogEntry, ContentCatalog, ContentSource } from '../../core/content-source.ts'
import type { Digest, DigestAlgorithm } from '../../core/digest.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import type { Schema } from '../schema.ts'

interface FoundRow {
  readonly source: string
  readonly algorithm: DigestAlgorithm
  readonly value: Buffer
  readonly size: number | null
  readonly url: string
}

/** Catalogs in PostgreSQL: rows of a generation, of which a source names one. */
export class PostgresContentCatalog implements ContentCatalog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async begin(sourceId: string, fence: Fence): Promise<CatalogDraft> {
    const generation = await fenced(this.#database, fence, async (transaction) => {
      const { rows } = await sql<{ generation: number }>`
        SELECT nextval('content_catalog_generation') AS generation`.execute(transaction)
      return rows[0]?.generation ?? 0
    })
    return new PostgresCatalogDraft(this.#database, fence, sourceId, generation)
  }

  async find(digests: readonly Digest[], sources: readonly Pick<ContentSource, 'id' | 'expiresSeconds'>[]) {
    if (digests.length === 0 || sources.length === 0) return []
    const { rows } = await sql<FoundRow>`
      WITH wanted AS (
        SELECT DISTINCT * FROM unnest(${digests.map(({ algorithm }) => algorithm)}::text[],
          ${digests.map(({ value }) => Buffer.from(value, 'hex'))}::bytea[]) AS digest (algorithm, value)),
      fresh AS (
        SELECT content_source.name, content_source.generation
        FROM unnest(${sources.map(({ id }) => id)}::text[], ${sources.map(({ expiresSeconds }) => expiresSeconds)}::float8[])
          AS used (name, expires) JOIN content_source USING (name)
        WHERE content_source.refreshed > clock_timestamp() - make_interval(secs => used.expires))
      SELECT source, algorithm, value, size, url
      FROM content_catalog JOIN wanted USING (algorithm, value)
      JOIN fresh ON fresh.name = source AND fresh.generation = content_catalog.generation`.execute(this.#database)
    return rows.map(({ source, algorithm, value, size, url }) => ({
      sourceId: source,
      digest: { algorithm, value: value.toString('hex') },
      ...(size !== null && { size }),
      url,
    }))
  }

  clear(sourceId: string): Promise<number> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('content_source')
        .from((from) =>
          from.selectFrom('content_source').selectAll().where('name', '=', sourceId).forUpdate().as('before'),
        )
        .set({ generation: null, refreshed: null })
        .where('content_source.name', '=', sourceId)
        .returning('before.generation')
        .executeTakeFirst()
      if (row?.generation == null) return 0
      const gone = transaction.deleteFrom('content_catalog').where('source', '=', sourceId)
      return Number((await gone.where('generation', '=', row.generation).executeTakeFirst()).numDeletedRows)
    })
  }

  async takeTurn(sourceId: string, ageSeconds: number, pauseSeconds: number): Promise<boolean> {
    const { rows } = await sql`
      INSERT INTO content_source AS source (name, taken) VALUES (${sourceId}, clock_timestamp())
      ON CONFLICT (name) DO UPDATE SET taken = excluded.taken
      WHERE coalesce(source.refreshed < clock_timestamp() - make_interval(secs => ${ageSeconds}), true)
        AND coalesce(source.taken < clock_timestamp() - make_interval(secs => ${pauseSeconds}), true)
      RETURNING name`.execute(this.#database)
    return rows.length > 0
  }
}

class PostgresCatalogDraft implements CatalogDraft {
  readonly #database: Database
  readonly #fence: Fence
  readonly #source: string
  readonly #generation: number

  constructor(database: Database, fence: Fence, source: string, generation: number) {
    this.#database = database
    this.#fence = fence
    this.#source = source
    this.#generation = generation
  }

  async add(entries: readonly CatalogEntry[]): Promise<void> {
    if (entries.length === 0) return
    await fenced(this.#database, this.#fence, (transaction) =>
      sql`INSERT INTO content_catalog (source, generation, algorithm, value, size, url)
        SELECT ${this.#source}, ${this.#generation}, * FROM unnest(
          ${entries.map(({ digest }) => digest.algorithm)}::text[],
          ${entries.map(({ digest }) => Buffer.from(digest.value, 'hex'))}::bytea[],
          ${entries.map(({ size }) => size ?? null)}::bigint[],
          ${entries.map(({ url }) => url)}::text[])`.execute(transaction),
    )
  }

  async finish(): Promise<number> {
    return fenced(this.#database, this.#fence, async (transaction) => {
      await this.#show(transaction)
      // Also what dead runs have left, and this one when a later one is seen already.
      await sql`DELETE FROM content_catalog USING content_source
        WHERE content_catalog.source = ${this.#source} AND content_source.name = content_catalog.source
          AND content_catalog.generation < content_source.generation`.execute(transaction)
      const own = transaction.selectFrom('content_catalog').where('source', '=', this.#source)
      const { count } = await own
        .where('generation', '=', this.#generation)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    })
  }

  async #show(transaction: Transaction<Schema>): Promise<void> {
    await sql`INSERT INTO content_source AS source (name, generation, refreshed)
      VALUES (${this.#source}, ${this.#generation}, clock_timestamp())
      ON CONFLICT (name) DO UPDATE SET generation = excluded.generation, refreshed = excluded.refreshed
      WHERE coalesce(source.generation < excluded.generation, true)`.execute(transaction)
  }
}
