import { setTimeout as sleep } from 'node:timers/promises'
import { ServerError, UnreachableError } from './server-error.ts'

export interface Patience {
  /** Milliseconds between two looks; default 100 at first, growing to 500. */
  readonly interval?: number
  /** How many looks in a row may find no server, before it is an error: a restart is no end. Default 60. */
  readonly patience?: number
}

/** Looks again when no server answers: one that is being restarted is there again soon, and its work goes on. */
export async function patiently<Seen>(look: () => Promise<Seen>, options: Patience): Promise<Seen> {
  for (let left = options.patience ?? 60; ; left--) {
    try {
      return await look()
    } catch (error) {
      if (!isPassing(error) || left <= 1) throw error
      await sleep(options.interval ?? 500)
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof ServerError && [502, 503, 504].includes(error.status))
}
