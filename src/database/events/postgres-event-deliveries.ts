import { type Selectable, sql } from 'kysely'
import type { EventDeliveries, EventDelivery, EventType } from '../../core/event.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { toListener } from './postgres-event-listener-store.ts'

interface ClaimedRow {
  readonly delivery: number
  readonly type: EventType
  readonly payload: Selectable<Schema['event_delivery']>['payload']
  readonly task_id: string | null
  readonly age: number
  readonly attempt: number
}

/**
 * Events on their way, in PostgreSQL. A claim moves `due` to where it ends, so that what a dead process has claimed comes again by
 * itself.
 */
export class PostgresEventDeliveries implements EventDeliveries {
  readonly #database: Database
  readonly #claimSeconds: number

  /** `claimSeconds`: longer than any attempt takes. */
  constructor(database: Database, claimSeconds: number) {
    this.#database = database
    this.#claimSeconds = claimSeconds
  }

  async claim(limit: number): Promise<readonly EventDelivery[]> {
    const { rows } = await sql<ClaimedRow & Selectable<Schema['event_listener']>>`
      WITH head AS (${heads}), taken AS (
        SELECT event_delivery.id FROM event_delivery JOIN head USING (id)
        WHERE event_delivery.due <= clock_timestamp()
        ORDER BY event_delivery.due LIMIT ${limit} FOR UPDATE OF event_delivery SKIP LOCKED)
      UPDATE event_delivery SET attempt = event_delivery.attempt + 1,
        due = clock_timestamp() + make_interval(secs => ${this.#claimSeconds})
      FROM taken, event_listener
      WHERE event_delivery.id = taken.id AND event_listener.id = event_delivery.listener
        AND event_delivery.due <= clock_timestamp()
      RETURNING event_delivery.id AS delivery, event_delivery.type, event_delivery.payload, event_delivery.task_id,
        event_delivery.attempt, extract(epoch FROM clock_timestamp() - event_delivery.created)::float8 AS age,
        event_listener.*`.execute(this.#database)
    return rows.map(toDelivery)
  }

  async done({ key, attempt }: EventDelivery): Promise<void> {
    const own = this.#database.deleteFrom('event_delivery').where('id', '=', key)
    await own.where('attempt', '=', attempt).execute()
  }

  async retry({ key, attempt }: EventDelivery, seconds: number): Promise<void> {
    await sql`UPDATE event_delivery SET due = clock_timestamp() + make_interval(secs => ${seconds})
      WHERE id = ${key} AND attempt = ${attempt}`.execute(this.#database)
  }

  async nextDue(): Promise<number | undefined> {
    const { rows } = await sql<{ seconds: number | null }>`
      SELECT extract(epoch FROM min(event_delivery.due) - clock_timestamp())::float8 AS seconds
      FROM event_delivery JOIN (${heads}) AS head USING (id)`.execute(this.#database)
    return rows[0]?.seconds ?? undefined
  }

  async dropExcess(keep: number): Promise<ReadonlyMap<number, number>> {
    const { rows } = await sql<{ listener: number; dropped: number }>`
      WITH excess AS (
        DELETE FROM event_delivery USING event_listener
        WHERE event_delivery.listener = event_listener.id AND event_delivery.id <= (
          SELECT newer.id FROM event_delivery AS newer WHERE newer.listener = event_listener.id
          ORDER BY newer.id DESC OFFSET ${keep} LIMIT 1)
        RETURNING event_delivery.listener)
      SELECT listener, count(*) AS dropped FROM excess GROUP BY listener`.execute(this.#database)
    return new Map(rows.map(({ listener, dropped }) => [listener, dropped]))
  }
}

/** The oldest event for each listener. */
const heads = sql`SELECT first.id FROM event_listener AS each, LATERAL (
  SELECT id FROM event_delivery WHERE listener = each.id ORDER BY id LIMIT 1) AS first`

function toDelivery(row: ClaimedRow & Selectable<Schema['event_listener']>): EventDelivery {
  const { delivery, type, payload, task_id: taskId, age, attempt } = row
  return { key: delivery, listener: toListener(row), event: { type, payload }, taskId, ageSeconds: age, attempt }
}
