/** How often and how patiently a broken transfer is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** All attempts, the first one included. */
  readonly attempts: number
  /** Bytes of progress, on a body that is continued after each break, that make up for the failures before them. */
  readonly worthwhile: number
  /** Before the second attempt; doubles with each further one. */
  readonly firstDelay: number
  readonly longestDelay: number
  /** The most that a Retry-After of upstream is followed. */
  readonly longestRetryAfter: number
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  worthwhile: 1024 * 1024,
  firstDelay: 500,
  longestDelay: 10_000,
  longestRetryAfter: 60_000,
}

/**
 * The wait after failed attempt number `attempt` (from 1). Half of the back-off is chance (`random` in [0, 1)), so that 16
 * transfers which broke together do not come back together.
 */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  retryAfter: number | undefined,
  random: () => number,
): number {
  const backOff = Math.min(policy.firstDelay * 2 ** (attempt - 1), policy.longestDelay)
  const jittered = (backOff / 2) * (1 + random())
  if (retryAfter === undefined) return jittered
  return Math.max(jittered, Math.min(retryAfter, policy.longestRetryAfter))
}

/** Reads a Retry-After header: seconds or a date (RFC 9110 §10.2.3). `now` and the result in milliseconds. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
