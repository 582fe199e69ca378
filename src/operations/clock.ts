import { setTimeout as wait } from 'node:timers/promises'

/** Time as those know it who look at something again and again; tests bring their own. */
export interface Clock {
  now(): Date
  /** Resolves after so long, or as soon as the signal aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  // An end of the pause before its time is no failure.
  pause: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
}
