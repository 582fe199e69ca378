import { toErrorReport } from '../../core/errors.ts'
import type { EventDeliveries, EventDelivery, EventListener, EventMessage, Notifier } from '../../core/event.ts'
import type { Log } from '../../core/log.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { Task } from '../../core/task.ts'
import type { Clock } from '../clock.ts'
import { RepeatedLook } from '../repeated-look.ts'

export interface EventDelivererOptions {
  readonly deliveries: EventDeliveries
  /** By the type of the listener. */
  readonly notifiers: Readonly<Record<string, Notifier>>
  /** Undefined when the task is forgotten. */
  findTask(id: string): Promise<Task | undefined>
  print(delivery: EventDelivery, task: Task | undefined): EventMessage
  /** What the users of the API know the listener by. */
  nameOf(listener: EventListener): string
  readonly clock: Clock
  readonly log: Log
  /** How often an event is tried before it is given up. */
  readonly attempts: number
  /** From the first attempt to the second; doubled from then on. */
  readonly retrySeconds: number
}

const mostAtOnce = 16
/** It looks at least so often, whatever it was told. */
const longestPauseMs = 30_000
/** Another process may have what is due in its hands. */
const shortestPauseMs = 100
/** Events that may wait for one listener. */
const mostWaiting = 1_000

/** Delivers events to their listeners, each in order and all side by side. Any number of processes may do so at once. */
export class EventDeliverer {
  readonly #options: EventDelivererOptions
  readonly #looks: RepeatedLook
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: EventDelivererOptions) {
    this.#options = options
    this.#looks = new RepeatedLook(() => this.look(), options.clock)
  }

  /** Looks until `stop`. */
  start(): void {
    this.#looks.start()
  }

  /** Looks again at once: there is something to deliver. */
  wake(): void {
    this.#looks.wake()
  }

  /** Cuts what is under way, which comes again in the next process, and resolves when nothing is any more. */
  async stop(): Promise<void> {
    await this.#looks.stop()
    await Promise.all(this.#underWay)
  }

  /** Starts what is due now. Returns after how many milliseconds to look again. Never throws: the database may be away. */
  async look(): Promise<number> {
    const { deliveries, log } = this.#options
    try {
      await this.#dropExcess()
      const free = mostAtOnce - this.#underWay.size
      for (const delivery of free > 0 ? await deliveries.claim(free) : []) this.#begin(delivery)
      const next = await deliveries.nextDue()
      return Math.min(Math.max((next ?? longestPauseMs) * 1000, shortestPauseMs), longestPauseMs)
    } catch (error) {
      log.warn('events could not be looked at; that comes again', { reason: toErrorReport(error).message })
      return longestPauseMs
    }
  }

  /** Resolves when everything that has begun is over. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #begin(delivery: EventDelivery): void {
    const work = this.#deliver(delivery)
      .catch((error: unknown) => {
        this.#options.log.warn('an event could not be settled; it comes again', {
          reason: toErrorReport(error).message,
        })
      })
      .finally(() => {
        this.#underWay.delete(work)
        this.wake()
      })
    this.#underWay.add(work)
  }

  async #deliver(delivery: EventDelivery): Promise<void> {
    const { deliveries, notifiers, findTask, print } = this.#options
    const { listener, taskId } = delivery
    try {
      const task = taskId === null ? undefined : await findTask(taskId)
      const notifier = notifiers[listener.notifierType]
      if (notifier === undefined) throw new Error(`there is no notifier ${listener.notifierType}`)
      await notifier.notify(listener.config, print(delivery, task), this.#looks.stopped)
    } catch (error) {
      return this.#failed(delivery, toErrorReport(error).message)
    }
    await deliveries.done(delivery)
  }

  /** The server's own end is nobody's failure. */
  async #failed(delivery: EventDelivery, reason: string): Promise<void> {
    const { deliveries, log, attempts, retrySeconds } = this.#options
    if (this.#looks.stopped.aborted) return deliveries.retry(delivery, 0)
    const about = { ...this.#about(delivery), reason: maskUrlPasswords(reason) }
    if (delivery.attempt >= attempts || delivery.ageSeconds > patience(attempts, retrySeconds)) {
      log.warn('an event was given up: its listener cannot be told', about)
      return deliveries.done(delivery)
    }
    const seconds = retrySeconds * 2 ** (delivery.attempt - 1)
    log.warn('a listener could not be told of an event; it is tried again', { ...about, seconds })
    await deliveries.retry(delivery, seconds)
  }

  #about({ listener, event, attempt }: EventDelivery) {
    return { listener: this.#options.nameOf(listener), event: event.type, attempt }
  }

  async #dropExcess(): Promise<void> {
    for (const [listener, events] of await this.#options.deliveries.dropExcess(mostWaiting)) {
      this.#options.log.warn('too many events wait for a listener; the oldest were given up', { listener, events })
    }
  }
}

/** Seconds from the first attempt to the last: what waits longer behind others is tried once. */
function patience(attempts: number, retrySeconds: number): number {
  return retrySeconds * (2 ** (attempts - 1) - 1)
}
