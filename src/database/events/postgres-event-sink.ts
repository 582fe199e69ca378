import type { Event, EventSink } from '../../core/event.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import { queueEvent } from './queue-event.ts'

/** Events of running tasks, told in transactions of their own. */
export class PostgresEventSink implements EventSink {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async tell(event: Event, fence: Fence): Promise<void> {
    await fenced(this.#database, fence, (transaction) => queueEvent(transaction, event, fence))
  }
}
