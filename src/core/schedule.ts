import type { ContentAction } from './consumer.ts'
import type { JsonObject } from './json.ts'
import { nextAfter, parseRepeatingInterval } from './repeating-interval.ts'
import type { NewTask, Task } from './task.ts'

/** What a schedule does to a repository. */
export type RepositoryTarget =
  | { readonly action: 'sync'; readonly repositoryId: string; readonly importerType: string }
  | {
      readonly action: 'publish'
      readonly repositoryId: string
      readonly distributorId: string
      readonly distributorType: string
    }

/** What a schedule has the agent of a consumer do. */
export interface ConsumerTarget {
  readonly action: ContentAction
  readonly consumerId: string
}

/** What a schedule does, and to whom. */
export type ScheduleTarget = RepositoryTarget | ConsumerTarget

/** What a schedule belongs to, by row id; it is deleted with it. A consumer has schedules of three kinds. */
export type ScheduleOwner =
  | { readonly importer: number }
  | { readonly distributor: number }
  | { readonly consumer: number; readonly action: ContentAction }

/** What of a schedule changes, by its users or by its runs. */
export interface ScheduleState {
  /** The repeating interval as it was written (pulp2-api §8.2). */
  readonly text: string
  /**
   * Over the config of the importer or distributor, secrets included: print it through their config shape. Of a consumer, what its
   * agent is to do: `{ units, options }` as in its task.
   */
  readonly overrides: JsonObject
  readonly enabled: boolean
  /** After so many failures in a row it is disabled; null: never. */
  readonly failureThreshold: number | null
  /** All runs are counted from here. */
  readonly firstRun: Date
  /** Null: no end. At 0 the schedule is disabled. */
  readonly remainingRuns: number | null
  /** When it runs next, if enabled; null for never again. What is due waits until somebody looks. */
  readonly due: Date | null
}

/** A sync, a publish or the work of an agent that is repeated. */
export interface Schedule extends ScheduleState {
  readonly key: number
  readonly created: Date
  readonly target: ScheduleTarget
  /** Failed tasks since the last one that ended well; cancelled ones do not count. */
  readonly consecutiveFailures: number
  /** Tasks queued so far. */
  readonly totalRuns: number
  readonly lastRun: Date | null
  /** Last change by a user. */
  readonly lastUpdated: Date
}

/** A schedule as lists of importers and distributors name it. */
export type ScheduleName = Pick<Schedule, 'key' | 'created'> & { readonly target: RepositoryTarget }

/** What clients do with schedules. To change one that its owner does not have throws kind `not-found`. */
export interface ScheduleStore {
  /** Throws kind `not-found` when the owner is gone. */
  create(owner: ScheduleOwner, state: ScheduleState): Promise<Schedule>
  /** Oldest first. */
  list(owner: ScheduleOwner): Promise<readonly Schedule[]>
  get(owner: ScheduleOwner, key: number): Promise<Schedule | undefined>
  /** `change` sees the schedule as it is while nobody else changes it. */
  update(owner: ScheduleOwner, key: number, change: (current: Schedule) => ScheduleState): Promise<Schedule>
  delete(owner: ScheduleOwner, key: number): Promise<void>
  /** All schedules of these repositories, oldest first; one query. */
  ofRepositories(repositoryIds: readonly string[]): Promise<readonly ScheduleName[]>
}

/** What came of a schedule that was due: its task, or null when the one before is not over yet. */
export interface DueRun {
  readonly schedule: Schedule
  readonly task: Task | null
}

/** What the scheduler does with them. Any number of processes may: a slot is one process's. */
export interface DueSchedules {
  /**
   * Queues a task for each schedule that is due, with its counters in one transaction. Missed slots are one; a slot is passed
   * over while the task before is not complete.
   */
  start(now: Date, toTask: (target: ScheduleTarget, overrides: JsonObject) => NewTask): Promise<readonly DueRun[]>
  /** When the next one is due; undefined when none will be. */
  nextDue(): Promise<Date | undefined>
}

/** The first slot after an instant; undefined when there is none. */
export function nextSlot(schedule: Pick<Schedule, 'text' | 'firstRun'>, instant: Date): Date | undefined {
  const interval = parseRepeatingInterval(schedule.text, schedule.firstRun)
  return interval && nextAfter(schedule.firstRun, interval.every, instant)
}

/** When it runs next as told to users (pulp2-api §8.2): its start, or now if it never ran, or its next slot. */
export function nextRun(schedule: Pick<Schedule, 'text' | 'firstRun' | 'lastRun'>, now: Date): Date | undefined {
  if (schedule.firstRun > now) return schedule.firstRun
  return schedule.lastRun === null ? now : nextSlot(schedule, now)
}
