import type { Log } from '../../core/log.ts'
import type { Clock } from '../clock.ts'
import type { BackOff } from './back-off.ts'
import type { SessionEnd } from './session.ts'

interface Parts {
  readonly clock: Clock
  readonly backOff: BackOff
  readonly log: Log
}

/** Ends are said again so often while the server does not acknowledge them. */
const endsEveryMs = 15_000
/** A connection that lasts less long says nothing about whether the next one will be welcome. */
const steadyMs = 30_000

/** Connects again and again until `stop` aborts, the sooner the longer the last connection has lasted. Throws what `connect` throws. */
export async function stayConnected(
  { clock, backOff, log }: Parts,
  connect: () => Promise<SessionEnd>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const began = clock.now().getTime()
    const { reason, welcomed } = await connect()
    if (stop.aborted) return
    if (welcomed && clock.now().getTime() - began >= steadyMs) backOff.reset()
    const pause = backOff.next()
    log.warn('not connected', { reason, nextAttemptInSeconds: Math.ceil(pause / 1000) })
    await clock.pause(pause, stop)
  }
}

/** Says the ends that are not acknowledged, from time to time until the connection is lost. */
export async function sayEndsAgain(clock: Clock, lost: AbortSignal, duty: { sayEnds(): void }): Promise<void> {
  while (!lost.aborted) {
    await clock.pause(endsEveryMs, lost)
    if (!lost.aborted) duty.sayEnds()
  }
}
