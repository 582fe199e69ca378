import type { Selectable } from 'kysely'
import { notFound } from '../../core/errors.ts'
import type { EventListener, EventListenerStore, NewEventListener } from '../../core/event.ts'
import type { Database } from '../connection.ts'
import { jsonb, type Schema } from '../schema.ts'

/** Listeners of events in PostgreSQL. */
export class PostgresEventListenerStore implements EventListenerStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(): Promise<readonly EventListener[]> {
    const rows = await this.#database.selectFrom('event_listener').selectAll().orderBy('id').execute()
    return rows.map(toListener)
  }

  async find(key: number): Promise<EventListener | undefined> {
    const row = await this.#database.selectFrom('event_listener').selectAll().where('id', '=', key).executeTakeFirst()
    return row && toListener(row)
  }

  async create({ notifierType, config, eventTypes }: NewEventListener): Promise<EventListener> {
    const row = await this.#database
      .insertInto('event_listener')
      .values({ notifier_type: notifierType, config: jsonb(config), event_types: [...eventTypes] })
      .returningAll()
      .executeTakeFirstOrThrow()
    return toListener(row)
  }

  async update(key: number, { config, eventTypes }: Partial<NewEventListener>): Promise<EventListener> {
    const columns = {
      ...(config !== undefined && { config: jsonb(config) }),
      ...(eventTypes !== undefined && { event_types: [...eventTypes] }),
    }
    if (Object.keys(columns).length > 0) {
      await this.#database.updateTable('event_listener').set(columns).where('id', '=', key).execute()
    }
    const listener = await this.find(key)
    if (listener === undefined) throw missing(key)
    return listener
  }

  async remove(key: number): Promise<void> {
    const gone = await this.#database.deleteFrom('event_listener').where('id', '=', key).executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw missing(key)
  }
}

function missing(key: number) {
  return notFound({ event_listener: String(key) })
}

export function toListener(row: Selectable<Schema['event_listener']>): EventListener {
  return {
    key: row.id,
    notifierType: row.notifier_type,
    config: row.config,
    eventTypes: row.event_types,
    created: row.created,
  }
}
