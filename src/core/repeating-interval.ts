import { parseInstant, parseTimeOfDay } from './instant.ts'

/** A length of time. Months have no length of their own, so they are counted apart from the rest. */
export interface Period {
  readonly months: number
  readonly milliseconds: number
}

export interface RepeatingInterval {
  /** The first moment: the given start, the next instant of a given time of day, or the moment of asking. */
  readonly first: Date
  readonly every: Period
  /** How often in all; null without an end. */
  readonly runs: number | null
}

const dayMs = 86_400_000
const leastMs = 1_000
/** Nothing happens after the year 9999, which is the last that dates of the wire can spell. */
const endOfTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const recurrences = /^R(\d{1,9})$/
const duration =
  /^P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,7}(?:[.,]\d+)?)W)?(?:(\d{1,7}(?:[.,]\d+)?)D)?(?:T(?:(\d{1,9}(?:[.,]\d+)?)H)?(?:(\d{1,9}(?:[.,]\d+)?)M)?(?:(\d{1,12}(?:[.,]\d+)?)S)?)?$/

/**
 * An ISO 8601 repeating interval (pulp2-api §8.2, §0.15): a duration and, in any order, a start and `R<n>`, with `/` or `--`
 * between them. A duration of less than a second, `R0`, an end and, without a start, months and years are refused: undefined.
 */
export function parseRepeatingInterval(text: string, now: Date): RepeatingInterval | undefined {
  const parts = text.split(/\/|--/, 4)
  const periods = parts.flatMap((part) => parsePeriod(part) ?? [])
  const starts = parts.flatMap((part) => parseInstant(part) ?? nextTimeOfDay(part, now) ?? [])
  const counts = parts.flatMap((part) => parseRecurrences(part) ?? [])
  const [every, ...more] = periods
  if (every === undefined || more.length > 0 || starts.length > 1 || counts.length > 1) return undefined
  if (1 + starts.length + counts.length < parts.length) return undefined
  if (every.months > 0 && starts.length === 0) return undefined
  return { first: starts[0] ?? now, every, runs: counts[0] ?? null }
}

/** The first of the moments `first`, `first` + 1 × `every`, … that lies after an instant; undefined after the year 9999. */
export function nextAfter(first: Date, every: Period, instant: Date): Date | undefined {
  if (first > instant) return first
  let [before, after] = [0, stepsPast(first, every, instant)]
  // Between the two, since months differ in length.
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (momentOf(first, every, middle) > instant.getTime()) after = middle
    else before = middle
  }
  const next = momentOf(first, every, after)
  return next <= endOfTime ? new Date(next) : undefined
}

/** A number of steps that leads past the instant for sure: no month has less than 28 days. */
function stepsPast(first: Date, every: Period, instant: Date): number {
  const least = every.months * 28 * dayMs + every.milliseconds
  return Math.floor((instant.getTime() - first.getTime()) / least) + 1
}

/** Always counted from the first moment, so that nothing drifts: a 31st becomes the last day of shorter months only. */
function momentOf(first: Date, every: Period, steps: number): number {
  return addMonths(first, every.months * steps) + every.milliseconds * steps
}

function addMonths(date: Date, months: number): number {
  if (months === 0) return date.getTime()
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  // Day 0 is the last of the month before. `Date.UTC` would take the years 0 to 99 for those of the 20th century.
  const lastDay = new Date(0)
  lastDay.setUTCFullYear(year, month + 1, 0)
  const moved = new Date(date)
  moved.setUTCFullYear(year, month, Math.min(date.getUTCDate(), lastDay.getUTCDate()))
  const time = moved.getTime()
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time
}

function parsePeriod(part: string): Period | undefined {
  const match = duration.exec(part)
  if (match === null) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits) => Number(digits?.replace(',', '.') ?? 0))
  const totalSeconds = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
  const period = { months: years * 12 + months, milliseconds: Math.round(totalSeconds * 1000) }
  return period.months > 0 || period.milliseconds >= leastMs ? period : undefined
}

function parseRecurrences(part: string): number | undefined {
  const count = Number(recurrences.exec(part)?.[1] ?? 0)
  return count > 0 ? count : undefined
}

/** A time of day alone is the next such instant. */
function nextTimeOfDay(part: string, now: Date): Date | undefined {
  const time = parseTimeOfDay(part)
  if (time === undefined) return undefined
  const sinceMidnight = now.getTime() % dayMs
  return new Date(now.getTime() + ((((time - sinceMidnight) % dayMs) + dayMs) % dayMs))
}
