/** As Pulp prints all dates: UTC, to the second (pulp2-api §1.4). */
export function toPulpDate(date: Date): string
export function toPulpDate(date: Date | null): string | null
export function toPulpDate(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, 19)}Z`
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$/

/** An ISO 8601 date-time, UTC when it names no zone; undefined for anything else, a bare date too. */
export function fromPulpDate(text: string): Date | undefined {
  const match = dateTime.exec(text)
  if (match === null) return undefined
  const zone = match[3]
  const instant = zone === undefined ? `${text}Z` : text.slice(0, -zone.length) + fullZone(zone)
  const date = new Date(instant)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `+01`, `+0100` and `+01:00` mean the same; the platform reads only the last. */
function fullZone(zone: string): string {
  if (zone === 'Z') return zone
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`
}
