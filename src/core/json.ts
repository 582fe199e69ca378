/** What JSON can say. Values that cross a port are always one of these. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What JSON makes of a record: dates as ISO strings, undefined members gone. */
export function toJsonObject(record: object): JsonObject {
  return JSON.parse(JSON.stringify(record)) as JsonObject
}

/**
 * One text for equal values: keys sorted by code unit, no blanks. Input of every revision and identity hash, so
 * it may never change.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`)
  return `{${members.join(',')}}`
}
