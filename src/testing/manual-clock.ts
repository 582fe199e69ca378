import type { Clock } from '../operations/clock.ts'

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  /** How long each pause was to be, in order. */
  readonly pauses: number[] = []
  #now: Date
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()
  #changed = Promise.withResolvers<void>()

  constructor(now: Date) {
    this.#now = now
  }

  now(): Date {
    return this.#now
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.pauses.push(milliseconds)
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => {
      this.#sleepers.delete(sleeper)
      resolve()
    }
    const sleeper = { until: this.#now.getTime() + milliseconds, wake }
    this.#sleepers.add(sleeper)
    signal.addEventListener('abort', wake, { once: true })
    this.#tell()
    await promise
  }

  /** Resolves when so many pause at this moment: then everybody has done what was to be done. */
  async whenPausing(count: number): Promise<void> {
    while (this.#sleepers.size < count) await this.#changed.promise
  }

  /** Sets the time and ends the pauses that are over by then. */
  moveTo(now: Date): void {
    this.#now = now
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= now.getTime()) sleeper.wake()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
