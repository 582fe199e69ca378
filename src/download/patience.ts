import type { Log } from '../core/log.ts'
import type { Clock } from './clock.ts'
import { type RetryPolicy, retryDelay } from './retry-policy.ts'
import type { TransferFailure } from './transfer-failure.ts'

interface PatienceContext {
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * How much longer one download is worth trying. Failures add up; enough new bytes on a body that is continued make up for
 * them, but not for failures that cost a whole body. So the size of the file bounds the number of attempts.
 */
export class Patience {
  readonly #context: PatienceContext
  #failures = 0
  #unforgiven = 0

  constructor(context: PatienceContext) {
    this.#context = context
  }

  /** Waits as long as is fit before another attempt. Throws the failure's error when there shall be none. */
  async endure(failure: TransferFailure, signal: AbortSignal): Promise<void> {
    const { retry, random, clock, log } = this.#context
    this.#failures += 1
    if (!failure.transient || this.#failures >= retry.attempts) throw failure.error
    const wait = Math.round(retryDelay(retry, this.#failures, failure.retryAfter, random))
    log.warn('a transfer broke and is tried again', { attempt: this.#failures, wait, reason: failure.message })
    await clock.sleep(wait, signal)
  }

  /** To be told, before a failure is, how many bytes came since the last one. */
  gained(bytes: number): void {
    if (bytes >= this.#context.retry.worthwhile) this.#failures = this.#unforgiven
  }

  /** To be told when what came so far is thrown away. */
  startedOver(): void {
    this.#unforgiven = this.#failures
  }
}
