import { sql, type Transaction } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import { type DueRun, type DueSchedules, nextSlot, type ScheduleTarget } from '../../core/schedule.ts'
import type { NewTask } from '../../core/task.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { enqueueIn } from '../tasks/enqueue.ts'
import { selectSchedules, toSchedule } from './schedule-rows.ts'

type ToTask = (target: ScheduleTarget, overrides: JsonObject) => NewTask

/** Schedules as schedulers see them. Each run is one transaction: the counters, the next slot and the task come together or not at all. */
export class PostgresDueSchedules implements DueSchedules {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async start(now: Date, toTask: ToTask): Promise<readonly DueRun[]> {
    const due = await this.#database
      .selectFrom('schedule')
      .select('id')
      .where('enabled', '=', true)
      .where('due', '<=', now)
      .orderBy('due')
      .execute()
    const runs: DueRun[] = []
    for (const { id } of due) {
      const run = await this.#database.transaction().execute((transaction) => startOne(transaction, id, now, toTask))
      if (run !== undefined) runs.push(run)
    }
    return runs
  }

  async nextDue(): Promise<Date | undefined> {
    const { due } = await this.#database
      .selectFrom('schedule')
      .select((eb) => eb.fn.min('due').as('due'))
      .where('enabled', '=', true)
      .executeTakeFirstOrThrow()
    return due ?? undefined
  }
}

/**
 * Undefined when another process has it. The schedule's row is locked before the queues of its task; who ends a task does it the
 * other way round, but then that task is not over here, and no queue is locked.
 */
async function startOne(
  transaction: Transaction<Schema>,
  key: number,
  now: Date,
  toTask: ToTask,
): Promise<DueRun | undefined> {
  const row = await selectSchedules(transaction)
    .where('schedule.id', '=', key)
    .where('schedule.enabled', '=', true)
    .where('schedule.due', '<=', now)
    .forUpdate('schedule')
    .skipLocked()
    .executeTakeFirst()
  if (row === undefined) return undefined
  const schedule = toSchedule(row)
  const due = nextSlot(schedule, now) ?? null
  if (await isBusy(transaction, key)) {
    await transaction.updateTable('schedule').set({ due }).where('id', '=', key).execute()
    return { schedule, task: null }
  }
  await countRun(transaction, key, now, due)
  const task = { ...toTask(schedule.target, schedule.overrides), schedule: key }
  const [queued] = await enqueueIn(transaction, [task])
  return { schedule, task: queued ?? null }
}

async function isBusy(transaction: Transaction<Schema>, schedule: number): Promise<boolean> {
  const open = transaction.selectFrom('task').select('id').where('schedule', '=', schedule)
  return (await open.where('finished', 'is', null).limit(1).executeTakeFirst()) !== undefined
}

async function countRun(transaction: Transaction<Schema>, key: number, now: Date, due: Date | null): Promise<void> {
  await transaction
    .updateTable('schedule')
    .set({
      total_runs: sql<number>`total_runs + 1`,
      remaining_runs: sql<number>`remaining_runs - 1`,
      enabled: sql<boolean>`remaining_runs IS DISTINCT FROM 1`,
      last_run: now,
      due,
    })
    .where('id', '=', key)
    .execute()
}
