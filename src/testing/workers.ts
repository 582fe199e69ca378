import { silentLog } from '../core/log.ts'
import type { Task } from '../core/task.ts'
import type { PresenceListener, WorkerSession } from '../core/task-worker.ts'
import type { Database, OpenDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresTaskClaims } from '../database/tasks/postgres-task-claims.ts'
import { PostgresTaskStore } from '../database/tasks/postgres-task-store.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'

/** A worker that holds its liveness lock in this process, without running anything. */
export interface TestWorker extends WorkerSession {
  /** Dies as a killed process does: the lock is free afterwards. */
  die(): Promise<void>
}

/** The task engine of one test database, with tasks told by short names. */
export class TestEngine {
  readonly database: Database
  readonly store: PostgresTaskStore
  readonly claims: PostgresTaskClaims
  readonly #url: string
  readonly #deaths: (() => Promise<void>)[] = []

  constructor(opened: OpenDatabase) {
    this.database = opened.database
    this.#url = opened.url
    this.store = new PostgresTaskStore(opened.database)
    // Tests wait for no grace: what looks dead is dead.
    this.claims = new PostgresTaskClaims(opened.database, silentLog, 0)
  }

  /** Queues one task named `name` that reserves `resources`. */
  async enqueue(name: string, resources: readonly string[] = []): Promise<Task> {
    const [task] = await this.store.enqueue([newTask(name, resources)])
    if (task === undefined) throw new Error('nothing was queued')
    return task
  }

  async worker(name = 'reserved_resource_worker-0@here'): Promise<TestWorker> {
    const control = new ControlConnection(this.#url, silentLog)
    await control.open()
    const presence = new PostgresWorkerPresence(control, [name])
    await presence.open(deafListener)
    const { session } = presence
    if (session === undefined) throw new Error('the worker has no session')
    const die = async () => {
      await control.close()
      await presence.close()
    }
    this.#deaths.push(die)
    return { name, session, die }
  }

  /** Claims everything that can be claimed now. */
  async claimAll(worker: WorkerSession): Promise<readonly Task[]> {
    const tasks: Task[] = []
    for (;;) {
      const task = await this.claims.claim(worker)
      if (task === undefined) return tasks
      tasks.push(task)
    }
  }

  async close(): Promise<void> {
    for (const die of this.#deaths) await die()
  }
}

export const deafListener: PresenceListener = { joined() {}, lost() {}, taskReady() {}, cancelRequested() {} }

export function newTask(name: string, resources: readonly string[] = []) {
  return { operation: name, arguments: {}, tags: [`name:${name}`], resources }
}

export function fenceOf(task: Task) {
  return { taskKey: task.key, attempt: task.attempt }
}

export const success = { state: 'finished', result: null, spawn: [] } as const
