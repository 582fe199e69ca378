import { toErrorReport } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import type { DueSchedules, ScheduleTarget } from '../core/schedule.ts'
import type { NewTask } from '../core/task.ts'
import type { Clock } from './clock.ts'
import { orderedTask } from './consumers/agent-tasks.ts'
import { publishTask } from './publish-repository.ts'
import { RepeatedLook } from './repeated-look.ts'
import { syncTask } from './sync-repository.ts'

export interface SchedulerOptions {
  readonly schedules: DueSchedules
  readonly clock: Clock
  readonly log: Log
}

/** It looks at least so often, whatever it was told. */
const longestPauseMs = 10_000
/** Another process may have what is due in its hands. */
const shortestPauseMs = 100

/** Queues the tasks of schedules when they are due. Any number of processes may do so at once. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #looks: RepeatedLook

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#looks = new RepeatedLook(() => this.look(), options.clock)
  }

  /** Looks until `stop`. */
  start(): void {
    this.#looks.start()
  }

  /** Looks again at once: a schedule was made or changed. */
  wake(): void {
    this.#looks.wake()
  }

  /** Resolves when nothing is under way any more. */
  stop(): Promise<void> {
    return this.#looks.stop()
  }

  /** Starts what is due now. Returns after how many milliseconds to look again. Never throws: the database may be away. */
  async look(): Promise<number> {
    const { schedules, clock, log } = this.#options
    try {
      for (const { schedule, task } of await schedules.start(clock.now(), scheduledTask)) {
        const about = {
          schedule: schedule.key,
          ...aboutTarget(schedule.target),
        }
        if (task === null) log.info('a run of a schedule was passed over: the one before is not over', about)
        else log.info('a schedule queued a task', { ...about, task: task.id })
      }
      const next = await schedules.nextDue()
      const wait = next === undefined ? longestPauseMs : next.getTime() - clock.now().getTime()
      return Math.min(Math.max(wait, shortestPauseMs), longestPauseMs)
    } catch (error) {
      const reason = toErrorReport(error).message
      log.warn('schedules could not be looked at; that comes again', { reason })
      return longestPauseMs
    }
  }
}

function aboutTarget(target: ScheduleTarget): JsonObject {
  const { action } = target
  return 'consumerId' in target ? { consumer: target.consumerId, action } : { repository: target.repositoryId, action }
}

/** The same task as somebody who asks for that sync, that publish or that work of an agent gets. */
export function scheduledTask(target: ScheduleTarget, overrides: JsonObject): NewTask {
  if ('consumerId' in target) return orderedTask(target.consumerId, target.action, overrides)
  if (target.action === 'sync') return syncTask(target.repositoryId, overrides)
  return publishTask(target.repositoryId, target.distributorId, overrides)
}
