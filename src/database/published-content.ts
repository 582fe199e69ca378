import type { Pool, QueryResult, QueryResultRow } from 'pg'
import type { JsonObject } from '../core/json.ts'
import type {
  FileCandidate,
  FormerPublication,
  PublishedContent,
  PublishedPath,
  ServedPublication,
} from '../core/publication.ts'
import type { ControlConnection } from './control-connection.ts'
import { candidateColumns, type FileQuestion, type FoundFile, filesFound } from './find-published-files.ts'
import { GatheredQuestions } from './gathered-questions.ts'
import { publicationChannel } from './publication-switch.ts'
import * as statements from './published-content-sql.ts'

type Statement = Readonly<Record<'name' | 'text', string>>

interface Options {
  readonly pool: Pool
  /** Hears of switches. */
  readonly control: ControlConnection
  /** How long a superseded publication is still served, in seconds. Default: an hour, enough for a slow client in the middle of a refresh. */
  readonly graceSeconds?: number
  /** Whether statements are prepared by name; a pooler in transaction mode loses them. Default true. */
  readonly prepared?: boolean
  /** Unit files read at a time when listing. */
  readonly pageSize?: number
}

/** What is published, read from PostgreSQL with prepared statements: at most one round trip a look-up (design-notes §1.3). */
export class PostgresPublishedContent implements PublishedContent {
  readonly #pool: Pool
  readonly #control: ControlConnection
  readonly #graceSeconds: number
  readonly #prepared: boolean
  readonly #pageSize: number
  readonly #files = new GatheredQuestions((questions: readonly FileQuestion[]) => this.#findAll(questions))

  constructor(options: Options) {
    this.#pool = options.pool
    this.#control = options.control
    this.#graceSeconds = options.graceSeconds ?? 3600
    this.#prepared = options.prepared ?? true
    this.#pageSize = options.pageSize ?? 5000
  }

  async basePaths(among?: readonly string[]): Promise<readonly PublishedPath[]> {
    const { rows } = await this.#query<statements.PublicationRow>(
      among === undefined ? statements.allPaths : statements.somePaths,
      among === undefined ? [this.#graceSeconds] : [this.#graceSeconds, among],
    )
    const byPath = Map.groupBy(rows, (row) => row.base_path)
    return [...byPath].map(([basePath, group]) => ({ basePath, publications: group.map(toPublication) }))
  }

  find(candidates: readonly FileCandidate[], path: string): Promise<FoundFile> {
    return this.#files.ask({ candidates, path })
  }

  async config(publication: number): Promise<JsonObject | undefined> {
    const { rows } = await this.#query<{ config: JsonObject }>(statements.configOf, [publication])
    return rows[0]?.config
  }

  async hasFolder(publication: ServedPublication, folder: string, unitPrefix: string | undefined): Promise<boolean> {
    const { rows } = await this.#query<{ found: boolean }>(statements.hasFolder, [
      publication.id,
      folder,
      publication.repositoryKey,
      publication.version,
      unitPrefix ?? null,
    ])
    return rows[0]?.found ?? false
  }

  async list(publication: ServedPublication, folder: string, unitPrefix: string | undefined) {
    const { rows } = await this.#query<{ path: string }>(statements.listGenerated, [publication.id, folder])
    return { generated: rows.map((row) => row.path), unitFiles: this.#unitFiles(publication, unitPrefix) }
  }

  async formerly(basePaths: readonly string[], at: Date): Promise<FormerPublication | undefined> {
    const { rows } = await this.#query<statements.FormerRow>(statements.formerly, [at, basePaths])
    return rows.map((row) => ({ ...toPublication(row), basePath: row.base_path, whole: row.whole }))[0]
  }

  async formerBasePaths(at: Date): Promise<readonly string[]> {
    const { rows } = await this.#query<{ base_path: string }>(statements.formerBasePaths, [at])
    return rows.map((row) => row.base_path)
  }

  async keptSince(basePaths: readonly string[]): Promise<{ readonly now: Date; readonly since: Date | null }> {
    const { rows } = await this.#query<{ now: Date; since: Date | null }>(statements.keptSince, [basePaths])
    return rows[0] ?? { now: new Date(), since: null }
  }

  async watch(onSwitch: (basePath: string | undefined) => void): Promise<{ close(): void }> {
    let open = true
    const tell = (basePath: string | undefined) => {
      if (open) onSwitch(basePath)
    }
    await this.#control.attach({ channel: publicationChannel, notice: tell, ready: () => tell(undefined) })
    return {
      close() {
        open = false
      },
    }
  }

  async #findAll(questions: readonly FileQuestion[]): Promise<readonly FoundFile[]> {
    const { rows } = await this.#query<statements.FileRow>(statements.findFiles, candidateColumns(questions))
    return filesFound(questions, rows)
  }

  #query<Row extends QueryResultRow>({ name, text }: Statement, values: unknown[]): Promise<QueryResult<Row>> {
    return this.#pool.query<Row>({ text, values, ...(this.#prepared && { name }) })
  }

  /**
   * Page by page rather than by cursor, so that a slow reader of a listing holds no connection. The pages fit together because a
   * version never changes.
   */
  async *#unitFiles(publication: ServedPublication, unitPrefix: string | undefined): AsyncGenerator<string> {
    if (unitPrefix === undefined) return
    let last: string | null = null
    do {
      const page: { rows: { path: string }[] } = await this.#pool.query({
        text: statements.unitFilePage,
        values: [publication.repositoryKey, publication.version, unitPrefix, last, this.#pageSize],
      })
      for (const row of page.rows) yield row.path
      last = page.rows.length < this.#pageSize ? null : (page.rows.at(-1)?.path ?? null)
    } while (last !== null)
  }
}

function toPublication(row: statements.PublicationRow): ServedPublication {
  return {
    id: row.id,
    repositoryKey: row.repository,
    version: row.version,
    distributorType: row.distributor_type,
    layout: row.layout,
    liveFrom: row.live_from,
  }
}
