import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { Log } from '../../core/log.ts'
import type { Fence, Task } from '../../core/task.ts'
import type { HeldBack, RunEnd, TaskClaims, WorkerSession } from '../../core/task-worker.ts'
import type { Database } from '../connection.ts'
import { claimLost, lockClaimed } from './claimed-task.ts'
import { completeTask, type FinalState, requeueTask } from './complete-task.ts'
import { enqueueIn } from './enqueue.ts'
import { explainWaiting, isFree } from './held-tasks.ts'
import { recoverTask } from './recover-task.ts'
import { Suspects } from './suspects.ts'
import { progressWrite, reportJson, reportOfTask, spawnedByTask, type TaskRow, toTask } from './task-rows.ts'
import { deadClaims, endHungSessions, forgetDeadSessions, isAlive, serverStarted } from './worker-sessions.ts'

/**
 * How long an unexpected error waits for its end, milliseconds: whatever has ended the connection of a statement may be about to end that
 * with the worker's lock, by which the error is known to be of the connection.
 */
const lockLingersMs = 250

/**
 * For so long a worker must have looked dead, milliseconds. One that has only lost its connection gives its task back in this
 * time, and processes of a PostgreSQL that was killed are gone, which would take its last answers for the truth.
 */
const deadForMs = 750

/** Tasks as workers see them: claim, report, end, take over from the dead. */
export class PostgresTaskClaims implements TaskClaims {
  readonly #database: Database
  readonly #log: Log
  readonly #suspects: Suspects

  constructor(database: Database, log: Log, deadFor = deadForMs) {
    this.#database = database
    this.#log = log
    this.#suspects = new Suspects(deadFor)
  }

  async claim(worker: WorkerSession, heldBack?: HeldBack): Promise<Task | undefined> {
    const { rows } = await sql<TaskRow>`
      UPDATE task SET state = 'running', ready = false, attempt = attempt + 1, worker = ${worker.name},
        worker_session = ${worker.session}, server_started = ${serverStarted}, started = coalesce(started, clock_timestamp()),
        waiting_reason = NULL, held_until = NULL
      WHERE id = (
        SELECT id FROM task WHERE state = 'waiting' AND ready AND ${isFree(heldBack)}
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING task.*, ${reportOfTask} AS report, ${spawnedByTask} AS spawned`.execute(this.#database)
    const [row] = rows
    if (row !== undefined) return toTask(row)
    await explainWaiting(this.#database, heldBack)
    return undefined
  }

  async finish(fence: Fence, end: RunEnd, progress?: JsonObject): Promise<void> {
    if (end.state === 'error' && end.error.kind === 'internal') await pause(lockLingersMs)
    const spawn = end.state === 'finished' ? end.spawn : []
    await this.#database.transaction().execute(async (transaction) => {
      const task = await lockClaimed(transaction, fence, spawn)
      if (task === undefined) throw claimLost()
      // An error of a worker that has lost its connection is that of the connection: the task runs again.
      const back =
        end.state === 'released' || (end.state === 'error' && !(await isAlive(transaction, task.worker_session)))
      if (back && !task.cancel_requested) {
        if (progress !== undefined) await progressWrite(task.id, progress).execute(transaction)
        return requeueTask(transaction, task.id, false, reasonOf(end))
      }
      await completeTask(transaction, task, { ...finalState(end, task.cancel_requested), progress })
      if (!task.cancel_requested && spawn.length > 0) await enqueueIn(transaction, spawn, task.id)
    })
  }

  async progress(fence: Fence, report: JsonObject): Promise<void> {
    const { rows } = await sql`
      INSERT INTO task_progress (task, report)
      SELECT id, ${reportJson(report)}::jsonb FROM task
      WHERE id = ${fence.taskKey} AND attempt = ${fence.attempt} AND state = 'running' FOR SHARE
      ON CONFLICT (task) DO UPDATE SET report = excluded.report
      RETURNING task`.execute(this.#database)
    if (rows.length === 0) throw claimLost()
  }

  async countReady(limit: number, heldBack?: HeldBack): Promise<number> {
    const { rows } = await sql<{ ready: number; explained: boolean }>`
      SELECT (
        SELECT count(*) FROM (
          SELECT FROM task WHERE state = 'waiting' AND ready AND ${isFree(heldBack)} LIMIT ${limit}) AS head)::integer AS ready,
        EXISTS (SELECT FROM task WHERE waiting_reason IS NOT NULL) AS explained`.execute(this.#database)
    const { ready = 0, explained = false } = rows[0] ?? {}
    if (explained || heldBack !== undefined) await explainWaiting(this.#database, heldBack)
    return ready
  }

  async recoverDead(): Promise<number> {
    const hung = await endHungSessions(this.#database)
    if (hung.length > 0) this.#log.warn('workers sent no heartbeat and were cut off', { workers: hung })
    let recovered = 0
    for (const claim of this.#suspects.convict(await deadClaims(this.#database))) {
      if (!(await recoverTask(this.#database, claim))) continue
      recovered++
      this.#log.warn('a task was taken away from a dead worker', { task: claim.taskId, attempt: claim.attempt })
    }
    await forgetDeadSessions(this.#database)
    return recovered
  }
}

/** What a task that is given back has to wait for. */
function reasonOf(end: RunEnd): string | undefined {
  return end.state === 'released' ? end.reason : undefined
}

function finalState(end: RunEnd, cancelRequested: boolean): FinalState {
  if (end.state === 'released') return { state: 'canceled' }
  return cancelRequested ? { ...end, state: 'canceled' } : end
}
