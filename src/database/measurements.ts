import { sql } from 'kysely'
import type { EndedTasks, Measurements, QueueMeasures, StoreMeasures } from '../core/measurements.ts'
import type { Database } from './connection.ts'

/** Counting every blob takes 0.15 s a million; it may take a hundredth of the time at most. */
const countEveryMs = 60_000
const countShare = 100

/** A task's row tells its end a moment before its transaction does. */
const commitTime = sql`interval '2 seconds'`

/** Reads from indexes of what waits and runs; what has ended is counted as it comes. */
export class PostgresMeasurements implements Measurements {
  readonly #database: Database
  readonly #ended = new Map<string, EndedTasks>()
  /** Until when ended tasks are counted, as PostgreSQL prints it: a Date would lose microseconds. */
  #countedUntil: string | undefined
  #store: StoreMeasures | undefined
  #nextCount = 0
  #counting: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** Tasks with resources stand in their queues until they end; those without are ready from the start. */
  async queue(): Promise<QueueMeasures> {
    const { rows } = await sql<QueueMeasures>`
      SELECT (SELECT count(*) FROM task WHERE state = 'running' AND agent IS NULL) AS running,
        (SELECT count(*) FROM task WHERE state = 'waiting' AND id IN (SELECT task FROM task_resource)) +
        (SELECT count(*) FROM task WHERE state = 'waiting' AND ready AND resources = '{}') AS waiting,
        coalesce((SELECT extract(epoch FROM clock_timestamp() - created)::float8 FROM task
          WHERE state = 'waiting' AND ready ORDER BY id LIMIT 1), 0) AS "oldestReady"`.execute(this.#database)
    return rows[0] ?? { waiting: 0, running: 0, oldestReady: 0 }
  }

  /** After a pause of more than an hour only the last hour is looked at, so that no scrape reads a week of tasks. */
  async ended(): Promise<readonly EndedTasks[]> {
    const { rows: clock } = await sql<{ since: string | null; until: string }>`
      SELECT greatest(${this.#countedUntil ?? null}::timestamptz, clock_timestamp() - interval '1 hour')::text AS since,
        (clock_timestamp() - ${commitTime})::text AS until`.execute(this.#database)
    const [{ since, until } = { since: null, until: undefined }] = clock
    const isFirst = this.#countedUntil === undefined
    if (!isFirst) await this.#countEnded(since, until)
    this.#countedUntil = until
    return [...this.#ended.values()]
  }

  async #countEnded(since: string | null, until: string | undefined): Promise<void> {
    const { rows } = await sql<EndedTasks>`
      SELECT operation, state, count(*) AS tasks FROM task
      WHERE finished > ${since}::timestamptz AND finished <= ${until}::timestamptz
      GROUP BY operation, state`.execute(this.#database)
    for (const row of rows) {
      const key = `${row.operation} ${row.state}`
      const before = this.#ended.get(key)?.tasks ?? 0
      this.#ended.set(key, { ...row, tasks: before + row.tasks })
    }
  }

  async store(): Promise<StoreMeasures | undefined> {
    if (this.#counting === undefined && performance.now() >= this.#nextCount) {
      this.#counting = this.#countStore().finally(() => {
        this.#counting = undefined
      })
      this.#counting.catch(() => undefined)
    }
    // Only the first scrape waits.
    if (this.#store === undefined) await this.#counting
    return this.#store
  }

  async #countStore(): Promise<void> {
    const start = performance.now()
    const { rows } = await sql<StoreMeasures>`
      SELECT count(*) AS blobs, coalesce(sum(size), 0)::float8 AS bytes,
        pg_database_size(current_database()) AS "databaseBytes"
      FROM blob WHERE stored_at IS NOT NULL`.execute(this.#database)
    const now = performance.now()
    this.#store = rows[0]
    this.#nextCount = now + Math.max(countEveryMs, (now - start) * countShare)
  }

  async fetches(): Promise<number> {
    const { rows } = await sql<{ fetches: number }>`
      SELECT count(*) AS fetches FROM fetch_lease WHERE until > clock_timestamp()`.execute(this.#database)
    return rows[0]?.fetches ?? 0
  }
}
