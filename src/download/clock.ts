import { setTimeout } from 'node:timers/promises'
import { cancelled } from '../core/errors.ts'

/** Time, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Throws kind `cancelled` as soon as `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, { signal })
    } catch (error) {
      throw signal.aborted ? cancelled() : error
    }
  },
}
