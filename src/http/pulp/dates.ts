import { parseInstant } from '../../core/instant.ts'

/** As Pulp prints all dates: UTC, to the second (pulp2-api §1.4). */
export function toPulpDate(date: Date): string
export function toPulpDate(date: Date | null): string | null
export function toPulpDate(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, 19)}Z`
}

/** An ISO 8601 date-time, UTC when it names no zone; undefined for anything else, a bare date too. */
export function fromPulpDate(text: string): Date | undefined {
  return parseInstant(text)
}
