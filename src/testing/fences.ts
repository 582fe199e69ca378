import { randomUUID } from 'node:crypto'
import type { Fence } from '../core/task.ts'
import type { Database } from '../database/connection.ts'

/** A running task, for tests of what only a running task may do. */
export async function runningTask(database: Database): Promise<Fence> {
  const row = await database
    .insertInto('task')
    .values({ task_id: randomUUID(), operation: 'test', arguments: '{}', tags: [], state: 'running', attempt: 1 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { taskKey: row.id, attempt: 1 }
}
