const zone = '(Z|[+-]\\d\\d(?::?\\d\\d)?)?'
const clock = '\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?'
const dateTime = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)T${clock}${zone}$`)
const timeOfDay = new RegExp(`^${clock}${zone}$`)

/**
 * An ISO 8601 date-time of the years 1 to 9999, UTC when it names no zone (pulp2-api §1.4); undefined for anything else, a bare
 * date and a day that its month does not have among them.
 */
export function parseInstant(text: string): Date | undefined {
  const match = dateTime.exec(text)
  if (match === null) return undefined
  const [, year, month, day, offset] = match
  if (Number(day) > daysOf(Number(year), Number(month))) return undefined
  const date = new Date(inZone(text, offset))
  return isSpellable(date) ? date : undefined
}

/** A bare time, as milliseconds after midnight UTC; outside of 0 to 24 hours where its zone makes it so. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = timeOfDay.exec(text)
  if (match === null) return undefined
  const time = new Date(inZone(`1970-01-01T${text}`, match[1])).getTime()
  return Number.isNaN(time) ? undefined : time
}

/** `+01`, `+0100` and `+01:00` mean the same; the platform reads only the last. */
function inZone(text: string, offset: string | undefined): string {
  if (offset === undefined) return `${text}Z`
  if (offset === 'Z') return text
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0')
  return `${text.slice(0, -offset.length)}${offset.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`
}

/** The platform takes each month for one of 31 days. */
function daysOf(year: number, month: number): number {
  const last = new Date(0)
  last.setUTCFullYear(year, month, 0)
  return last.getUTCDate()
}

function isSpellable(date: Date): boolean {
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999
}
