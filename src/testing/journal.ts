import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { cancelled } from '../core/errors.ts'
import type { NewTask, TaskOperation } from '../core/task.ts'
import type { Database } from '../database/connection.ts'
import { assertFence } from '../database/fence.ts'

/** What tasks wrote on behalf of which resource, in the order in which they wrote. */
export async function createJournal(database: Database): Promise<void> {
  await sql`CREATE TABLE journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task bigint NOT NULL, attempt integer NOT NULL, step integer NOT NULL, resource text NOT NULL)`.execute(database)
}

export interface JournalTask {
  readonly resources: readonly string[]
  readonly steps: number
  readonly pauseMs: number
  /** Goes on after an abort until the fence stops it. */
  readonly deaf: boolean
}

export function journalTask({ resources, ...work }: JournalTask): NewTask {
  return { operation: 'journal', arguments: work, tags: [], resources }
}

/** An operation that writes `steps` entries per resource, each in a fenced transaction as real operations do. */
export function journalOperation(database: Database): TaskOperation {
  return async ({ task, fence, signal, progress }) => {
    const { steps, pauseMs, deaf } = task.arguments as unknown as JournalTask
    for (let step = 1; step <= steps; step++) {
      if (signal.aborted && !deaf) throw cancelled()
      await database.transaction().execute(async (transaction) => {
        await assertFence(transaction, fence)
        await sql`INSERT INTO journal (task, attempt, step, resource)
          SELECT ${task.key}, ${task.attempt}, ${step}, unnest(${[...task.resources]}::text[])`.execute(transaction)
      })
      progress({ step })
      await pause(pauseMs)
    }
    return { result: steps }
  }
}

/**
 * Never two writers: on each resource the entries go from task to task in the order of queueing, and from attempt to attempt,
 * and never back. A finished task has written all of its steps in its last attempt.
 */
export async function checkJournal(database: Database): Promise<void> {
  const { rows: backwards } = await sql`
    SELECT * FROM (SELECT *, lag(ARRAY[task, attempt]) OVER (PARTITION BY resource ORDER BY seq) AS before FROM journal) AS entry
    WHERE before > ARRAY[task, attempt]`.execute(database)
  assert.deepEqual(backwards, [], 'two writers met on a resource')
  const { rows: incomplete } = await sql`
    SELECT id FROM task CROSS JOIN unnest(resources) AS held
    WHERE state = 'finished' AND operation = 'journal' AND (arguments->>'steps')::integer <> (
      SELECT count(*) FROM journal
      WHERE journal.task = task.id AND journal.attempt = task.attempt AND journal.resource = held)`.execute(database)
  assert.deepEqual(incomplete, [], 'a finished task left steps out')
  const { rows: queued } = await sql`SELECT * FROM task_resource`.execute(database)
  assert.deepEqual(queued, [], 'a queue is not empty')
}
