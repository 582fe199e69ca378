import type { ErrorReport } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Fence, NewTask, Task } from './task.ts'

/** A registered worker. Claims belong to the session and are up for take-over when it dies; the name is for people. */
export interface WorkerSession {
  readonly name: string
  readonly session: number
}

/**
 * How a run of a task ended. `released` gives it back unharmed, to be run again: a shutdown or a cancel stopped it, or there is
 * a `reason` for which it has to wait.
 */
export type RunEnd =
  | { readonly state: 'finished'; readonly result: Json; readonly spawn: readonly NewTask[] }
  | { readonly state: 'error'; readonly error: ErrorReport }
  | { readonly state: 'released'; readonly reason?: string }

/** Operations that nobody may start now, and why. */
export interface HeldBack {
  readonly operations: readonly string[]
  readonly reason: string
}

/** What workers do with tasks. A method that takes a fence throws kind `cancelled` when that claim is no longer the task's. */
export interface TaskClaims {
  /**
   * The oldest task that is at the head of all its queues; undefined when there is none. Operations that are held back are
   * passed over, and the tasks that wait for them get the reason. So is, for some seconds, the operation of a task that was
   * released with a reason.
   */
  claim(worker: WorkerSession, heldBack?: HeldBack): Promise<Task | undefined>
  /**
   * Ends a run and makes its successors ready, in one transaction with the last progress report. Whatever the end, a task
   * that somebody cancelled becomes `canceled` and spawns nothing (pulp2-api §3.4). An error of a worker whose session is gone
   * counts as released.
   */
  finish(fence: Fence, end: RunEnd, progress?: JsonObject): Promise<void>
  progress(fence: Fence, report: JsonObject): Promise<void>
  /** How many tasks could be claimed now, counted up to `limit`. */
  countReady(limit: number, heldBack?: HeldBack): Promise<number>
  /**
   * Takes tasks away from dead workers: they wait again, end with an error after the third death, or are `canceled` when that
   * was asked for. A restart of the database is no death. Returns how many there were.
   */
  recoverDead(): Promise<number>
}

/** What a registered process hears. */
export interface PresenceListener {
  /** Registered, for the first time or again: notices may have been missed until now. */
  joined(): void
  /** The registration is gone, and with it every claim made under it. */
  lost(): void
  /** A task became ready. */
  taskReady(): void
  /** A running task shall stop. */
  cancelRequested(taskId: string): void
}

/** A process's registration as a living worker, renewed by itself after a loss. */
export interface WorkerPresence {
  /** The session under which to claim now; undefined while there is none. */
  readonly session: number | undefined
  open(listener: PresenceListener): Promise<void>
  close(): Promise<void>
}
