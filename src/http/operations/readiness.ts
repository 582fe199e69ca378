import { sharedLook } from './shared-look.ts'

/** Resolves with what is wrong, in words without secrets; undefined when nothing is. */
export type ReadinessCheck = () => Promise<string | undefined>

export interface ReadinessReport {
  readonly ready: boolean
  /** Name of each check → `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>
}

const maxAgeMs = 1_000
/** What answers later than this does not answer. */
const limitMs = 2_000

/** Asks all checks, at most once a second however many want to know. */
export function readiness(checks: Readonly<Record<string, ReadinessCheck>>): () => Promise<ReadinessReport> {
  return sharedLook(maxAgeMs, async () => {
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, (await inTime(check)) ?? 'ok'] as const),
    )
    return { ready: entries.every(([, answer]) => answer === 'ok'), checks: Object.fromEntries(entries) }
  })
}

async function inTime(check: ReadinessCheck): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(`no answer within ${limitMs / 1000} s`), limitMs)
  try {
    return await Promise.race([check(), promise])
  } catch {
    // The reason is in the log of whoever works with it; here anybody may read.
    return 'fails'
  } finally {
    clearTimeout(timer)
  }
}
