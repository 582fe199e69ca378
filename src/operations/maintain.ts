import { toErrorReport } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import type { MaintenanceLock } from '../core/retention.ts'

export interface MaintenanceStep {
  /** For the log. */
  readonly name: string
  /** Done once in so many ticks, the first time at the first. */
  readonly everyTicks: number
  /** Stops soon when the signal aborts. Returns what it did, undefined for nothing. */
  run(signal: AbortSignal): Promise<JsonObject | undefined>
}

export interface MaintenanceOptions {
  readonly steps: readonly MaintenanceStep[]
  readonly lock: MaintenanceLock
  readonly log: Log
  /** From one tick to the next. */
  readonly intervalMs: number
}

/** The housekeeping that nobody asks for, step after step, in one process at a time. A step that fails does not keep the others. */
export class Maintenance {
  readonly #options: MaintenanceOptions
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #ticks = 0

  constructor(options: MaintenanceOptions) {
    this.#options = options
  }

  /** Ticks until `stop`; a tick that takes long delays the next. */
  start(): void {
    if (this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#running = this.tick().finally(() => this.start())
    }, this.#options.intervalMs)
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /** One round of the steps that are due, unless another process is at it. */
  async tick(): Promise<void> {
    try {
      await this.#options.lock.hold(() => this.#runDue())
    } catch (error) {
      this.#options.log.warn('maintenance was not possible; it comes again', { reason: toErrorReport(error).message })
    }
  }

  async #runDue(): Promise<void> {
    const tick = this.#ticks++
    for (const step of this.#options.steps) {
      if (this.#stop.signal.aborted) return
      if (tick % step.everyTicks === 0) await this.#run(step)
    }
  }

  async #run(step: MaintenanceStep): Promise<void> {
    const { log } = this.#options
    try {
      const done = await step.run(this.#stop.signal)
      if (done !== undefined) log.info('maintenance', { step: step.name, ...done })
    } catch (error) {
      log.warn('a step of maintenance failed; it comes again', {
        step: step.name,
        reason: toErrorReport(error).message,
      })
    }
  }
}
