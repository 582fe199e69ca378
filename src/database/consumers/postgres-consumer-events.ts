import type { ConsumerEvent, ConsumerEventFilter, ConsumerEventStore } from '../../core/consumer.ts'
import type { Database } from '../connection.ts'

/** The history of consumers in PostgreSQL. */
export class PostgresConsumerEvents implements ConsumerEventStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async of(consumerId: string, filter: ConsumerEventFilter): Promise<readonly ConsumerEvent[]> {
    let query = this.#database
      .selectFrom('consumer_event')
      .selectAll()
      .where('consumer', '=', consumerId)
      .orderBy('id', filter.sort === 'ascending' ? 'asc' : 'desc')
    if (filter.type !== undefined) query = query.where('type', '=', filter.type)
    if (filter.from !== undefined) query = query.where('recorded', '>=', filter.from)
    if (filter.before !== undefined) query = query.where('recorded', '<', filter.before)
    if (filter.limit !== undefined) query = query.limit(filter.limit)
    return (await query.execute()).map(({ id, consumer, type, originator, details, recorded }) => ({
      key: id,
      consumerId: consumer,
      type,
      originator,
      timestamp: recorded,
      details,
    }))
  }
}
