import type { ConfigReader } from '../../../core/config-reader.ts'

/** Both ends belong to it. */
export interface TimeSpan {
  readonly from?: Date
  readonly until?: Date
}

/** A day, or a time with or without a zone, which is UTC then. */
const iso8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** `start_date` and `end_date`; undefined without either. */
export function readTimeSpan(reader: ConfigReader): TimeSpan | undefined {
  const [from, until] = [readDate(reader, 'start_date'), readDate(reader, 'end_date')]
  if (from === undefined && until === undefined) return undefined
  return { ...(from !== undefined && { from }), ...(until !== undefined && { until }) }
}

function readDate(reader: ConfigReader, key: string): Date | undefined {
  const text = reader.text(key)
  if (text === undefined) return undefined
  const [, zone] = iso8601.exec(text) ?? []
  const date = new Date(zone === undefined && text.includes('T') ? `${text}Z` : text)
  if (iso8601.test(text) && !Number.isNaN(date.getTime())) return date
  reader.refuse(key, `${key} must be a date or time in the form of ISO 8601`)
  return undefined
}
