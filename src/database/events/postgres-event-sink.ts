import type { Event, EventSink } from '../../core/event.ts'
import type { Fence } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import { fenced } from '../fence.ts'
import { isHeard, queueEvent } from './queue-event.ts'

/** Events of running tasks, told in transactions of their own. */
export class PostgresEventSink implements EventSink {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Where nobody listens, as on most servers, it costs one look. */
  async tell(event: Event, fence: Fence): Promise<void> {
    if (!(await isHeard(this.#database, event.type))) return
    await fenced(this.#database, fence, (transaction) => queueEvent(transaction, event, fence))
  }
}
