import type { Log } from '../../core/log.ts'
import type { FlightProgress } from './flight-progress.ts'

export interface LeaseKeeping {
  /** False when the lease is lost. */
  readonly renew: (handle: string | null) => Promise<boolean>
  readonly progress: FlightProgress
  readonly everyMs: number
  readonly log: Log
}

/** A lease that is kept up while somebody works under it. */
export interface KeptLease {
  /** Aborts when another process has the lease. */
  readonly lost: AbortSignal
  stop(): void
}

/**
 * Renews a lease again and again, and at once when there is a new handle, so that others find the bytes. A database that does not
 * answer is no loss: nobody else can take the lease from it either, and completing decides in the end.
 */
export function keepLease({ renew, progress, everyMs, log }: LeaseKeeping): KeptLease {
  const lost = new AbortController()
  let stopped = false
  let wake = () => {}
  let told = progress.handle
  const unlisten = progress.onChange(() => {
    if (progress.handle !== told) wake()
  })
  const keep = async () => {
    while (!stopped) {
      told = progress.handle
      const kept = await renew(told ?? null).catch((error: unknown) => warn(log, error))
      if (!kept && !stopped) return lost.abort()
      if (!stopped && progress.handle === told) await pause(everyMs, (cut) => (wake = cut))
    }
  }
  void keep()
  const stop = () => {
    stopped = true
    unlisten()
    wake()
  }
  return { lost: lost.signal, stop }
}

function warn(log: Log, error: unknown): true {
  const reason = error instanceof Error ? error.message : String(error)
  log.warn('the lease of a fetch could not be renewed', { reason })
  return true
}

/** Ends after the time or when the function given to `hand` is called. */
function pause(milliseconds: number, hand: (cut: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    hand(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
