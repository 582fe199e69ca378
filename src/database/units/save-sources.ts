import { sql, type Transaction } from 'kysely'
import type { DiscoveredFile } from '../../core/unit.ts'
import type { Schema } from '../schema.ts'
import { plainArray } from './array-literals.ts'

/** Where the files of one importer can be fetched, as one run of it finds them. */
export class SourceRecorder {
  readonly #importer: number
  /** Files that this run has told sources of: another unit with the same bytes adds to them. */
  readonly #seen = new Set<number>()

  constructor(importer: number) {
    this.#importer = importer
  }

  /**
   * Files with their row ids. What the importer said of a file in earlier runs is replaced, so that a feed can move; of those that
   * this transaction has `made`, nobody has said anything.
   */
  async save(
    transaction: Transaction<Schema>,
    files: readonly { readonly id: number; readonly file: DiscoveredFile }[],
    made: ReadonlySet<number>,
  ): Promise<void> {
    const unseen = [...new Set(files.map(({ id }) => id))].filter((id) => !this.#seen.has(id))
    const older = unseen.filter((id) => !made.has(id))
    const sources = files.flatMap(({ id, file }) => file.urls.map((url, rank) => ({ id, url, rank })))
    await this.#deleteOthers(transaction, older, sources)
    await this.#insert(transaction, sources)
    for (const id of unseen) this.#seen.add(id)
  }

  /**
   * Takes back what the importer said of files that version `number` of its repository has no more, where another importer has them
   * too; the last sources of a file stay as long as the file. Each file is looked up by itself (LIMIT keeps the look-up from being made a join):
   * without fresh statistics the planner would read the whole repository for each, by the index of what is there now.
   */
  async dropUnlisted(transaction: Transaction<Schema>, repository: number, number: number): Promise<void> {
    await sql`
      DELETE FROM file_source WHERE importer = ${this.#importer}
        AND file IN (
          SELECT unit_file.file FROM membership JOIN unit_file ON unit_file.unit = membership.unit
          WHERE membership.repository = ${repository} AND membership.removed_in = ${number})
        AND NOT EXISTS (
          SELECT FROM unit_file WHERE unit_file.file = file_source.file AND unit_file.unit = (
            SELECT unit FROM membership WHERE membership.repository = ${repository} AND membership.unit = unit_file.unit
              AND (membership.removed_in IS NULL OR membership.removed_in > ${number}) LIMIT 1))
        AND EXISTS (
          SELECT FROM file_source other WHERE other.file = file_source.file AND other.importer <> file_source.importer)
    `.execute(transaction)
  }

  async #deleteOthers(transaction: Transaction<Schema>, files: readonly number[], sources: Sources): Promise<void> {
    if (files.length === 0) return
    await sql`
      DELETE FROM file_source WHERE importer = ${this.#importer} AND file = ANY (${plainArray(files)}::bigint[])
        AND NOT EXISTS (
          SELECT FROM unnest(${ids(sources)}::bigint[], ${urls(sources)}::text[]) AS told (file, url)
          WHERE told.file = file_source.file AND told.url = file_source.url)`.execute(transaction)
  }

  async #insert(transaction: Transaction<Schema>, sources: Sources): Promise<void> {
    if (sources.length === 0) return
    await sql`
      INSERT INTO file_source (file, importer, url, rank)
      SELECT file, ${this.#importer}::integer, url, min(rank) FROM unnest(
        ${ids(sources)}::bigint[],
        ${urls(sources)}::text[],
        ${plainArray(sources.map(({ rank }) => rank))}::smallint[]) AS told (file, url, rank)
      GROUP BY file, url ORDER BY file, url
      ON CONFLICT (file, importer, url) DO UPDATE SET rank = excluded.rank WHERE file_source.rank <> excluded.rank
    `.execute(transaction)
  }
}

type Sources = readonly { readonly id: number; readonly url: string; readonly rank: number }[]

function ids(sources: Sources): string {
  return plainArray(sources.map(({ id }) => id))
}

function urls(sources: Sources): readonly string[] {
  return sources.map(({ url }) => url)
}
