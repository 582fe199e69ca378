import { parseInstant } from '../../../core/instant.ts'

/** `2015-11-18T21:03:11Z`: UTC, whole seconds (rancher-api §1.8). */
export function formatDate(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, 19)}Z`
}

/** The same text, a number of milliseconds, or `now`; undefined for anything else. */
export function parseDate(value: string | number): Date | undefined {
  if (value === 'now') return new Date()
  if (typeof value === 'number' || /^-?\d{1,16}$/.test(value)) return existing(new Date(Number(value)))
  return parseInstant(value)
}

const firstYear = Date.parse('0001-01-01T00:00:00Z')

/** Of the years that four digits can say. */
function existing(date: Date): Date | undefined {
  const time = date.getTime()
  return time >= firstYear && time < Date.UTC(10_000, 0) ? date : undefined
}
