import type { ErrorReport } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Log } from './log.ts'

/**
 * `waiting → running → finished | error | canceled`; `waiting → canceled`; what agents do is `accepted` before it runs. Spelled as
 * on the wire of Pulp (pulp2-api §3.4).
 */
export type TaskState = 'waiting' | 'accepted' | 'running' | 'finished' | 'error' | 'canceled'

/** How a task ends by itself. */
export type EndedState = Extract<TaskState, 'finished' | 'error'>

/** Something to be done by a worker, as data. */
export interface NewTask {
  /** Which operation: a key of the table in `operations/task-operations.ts`. */
  readonly operation: string
  readonly arguments: JsonObject
  /** For finding it: `repository:zoo`, `action:sync`. APIs add their own prefix. */
  readonly tags: readonly string[]
  /** Resources it holds alone while it runs, `repository:zoo`; strictly first come, first served per resource. */
  readonly resources: readonly string[]
  /** Row id of the schedule whose run it is: how it ends is counted there. */
  readonly schedule?: number
  /** UUID of the group that it belongs to: counted and cancelled together, and in no list of tasks. */
  readonly group?: string
  /** Id of the consumer whose agent does it instead of a worker (`agent-task.ts`). */
  readonly agent?: string
}

export interface Task {
  /** Row id, in order of creation. */
  readonly key: number
  /** UUID. */
  readonly id: string
  readonly operation: string
  readonly arguments: JsonObject
  readonly tags: readonly string[]
  readonly resources: readonly string[]
  readonly state: TaskState
  readonly created: Date
  readonly started: Date | null
  readonly finished: Date | null
  /** Name of the worker that has it or had it; `agent` from the start for what agents do. */
  readonly worker: string | null
  /** Id of the consumer whose agent does it; null for what workers do. */
  readonly agent: string | null
  /** How often a worker has claimed it. */
  readonly attempt: number
  readonly progress: JsonObject
  /** What it waits for: space for content, a free worker, or what others hold. Null when it does not wait. */
  readonly waitingReason: string | null
  readonly result: Json
  readonly error: ErrorReport | null
  /** Ids of the tasks that it queued. */
  readonly spawned: readonly string[]
}

/** Proof of a claim. Every transaction of a running operation asserts it, so that a worker that lost its task changes nothing. */
export interface Fence {
  readonly taskKey: number
  readonly attempt: number
}

export interface TaskFilter {
  /** All of these tags. */
  readonly tags?: readonly string[]
}

/** How many members of a group are in each state, at one moment. */
export type GroupSummary = Readonly<Record<TaskState, number>>

/** What clients may do with tasks. */
export interface TaskStore {
  /** Queues tasks in one transaction, in order, and wakes workers. */
  enqueue(tasks: readonly NewTask[]): Promise<readonly Task[]>
  /** Queues a task and cancels what waits for one of its resources, but for tasks of the same operation; one transaction. */
  supersede(task: NewTask): Promise<Task>
  /** Throws kind `not-found`. Of a task that waits behind others, the reason names one that is before it. */
  get(id: string): Promise<Task>
  /** Those that belong to no group, oldest first, in bounded memory. It holds no connection between its pages. */
  list(filter: TaskFilter): AsyncIterable<Task>
  /** A waiting task is cancelled at once; a running one is told to stop; a complete one is left as it is. Throws kind `not-found`. */
  cancel(id: string): Promise<void>
  /** Forgets tasks that ended in one of these ways, in many small transactions. Returns how many there were. */
  deleteEnded(states: readonly EndedState[]): Promise<number>
  /** Throws kind `not-found` for a group that no task belongs to. */
  group(id: string): Promise<GroupSummary>
  /** Cancels every member that has not ended, those last that run. Throws kind `not-found`. */
  cancelGroup(id: string): Promise<void>
  workers(): Promise<readonly { readonly name: string; readonly heartbeat: Date }[]>
}

/** What a running operation is given. */
export interface TaskRun {
  readonly task: Task
  readonly fence: Fence
  /** Aborts on cancel, shutdown and loss of the claim. */
  readonly signal: AbortSignal
  readonly log: Log
  /** True once the signal was aborted because the worker stops or lost its claim: the task is not over, it will run again. */
  readonly interrupted: boolean
  /** Replaces the progress report; written at most twice a second, and at the end. */
  progress(report: JsonObject): void
}

export interface TaskOutcome {
  readonly result?: Json
  /** Queued in the transaction that ends the task. */
  readonly spawn?: readonly NewTask[]
}

/**
 * Thrown by an operation that cannot go on now, through nobody's fault: its task waits, with the reason, and runs again. No error
 * and no death of the task.
 */
export class Postponed extends Error {
  override readonly name = 'Postponed'
}

/** Runs to the end or throws. Idempotent: after a worker's death it runs again from the start. */
export type TaskOperation = (run: TaskRun) => Promise<TaskOutcome>
