import { parseInstant } from '../../core/instant.ts'

/** The time that a request target asks about, or why there is none to be told. */
export type FormerTime = { readonly at: Date } | { readonly status: 400; readonly reason: string }

/**
 * `?at=<time>`: what was published at that time. An ISO 8601 date-time, UTC when it names no zone; decoded once, and a plus is a
 * plus. Undefined when the query does not ask; other parameters mean nothing.
 */
export function formerTime(target: string): FormerTime | undefined {
  const mark = target.indexOf('?')
  if (mark === -1) return undefined
  const texts = target
    .slice(mark + 1)
    .split('&')
    .filter((part) => part === 'at' || part.startsWith('at='))
  const [text, ...more] = texts
  if (text === undefined) return undefined
  const at = more.length > 0 ? undefined : parseInstant(decoded(text.slice(3)))
  return at === undefined
    ? { status: 400, reason: 'at must be one date-time, for example 2026-03-04T05:06:07Z' }
    : { at }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
