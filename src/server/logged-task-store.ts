import type { Log } from '../core/log.ts'
import type { NewTask, Task } from '../core/task.ts'
import type { Database } from '../database/connection.ts'
import { PostgresTaskStore } from '../database/tasks/postgres-task-store.ts'

/** Says which tasks were queued: on the same line stands the request that asked for them, so that both can be followed. */
export class LoggedTaskStore extends PostgresTaskStore {
  readonly #log: Log

  constructor(database: Database, log: Log) {
    super(database)
    this.#log = log
  }

  override async enqueue(tasks: readonly NewTask[]): Promise<readonly Task[]> {
    const queued = await super.enqueue(tasks)
    for (const { id, operation } of queued) this.#log.info('a task was queued', { task: id, operation })
    return queued
  }
}
