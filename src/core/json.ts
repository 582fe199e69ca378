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
 * it may never change. Values that are written in that order already, as those of large syncs are, take a fraction of the time.
 */
export function canonicalJson(value: Json): string {
  return isCanonical(value) ? JSON.stringify(value) : sortedJson(value)
}

function sortedJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (!isJsonObject(value)) return `[${value.map(sortedJson).join(',')}]`
  const members = keysInOrder(value).map((key) => `${JSON.stringify(key)}:${sortedJson(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

/** The names of its members, by code unit. */
export function keysInOrder(object: object): readonly string[] {
  const keys = Object.keys(object)
  return keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key) ? keys : keys.sort()
}

/** Whether its members stand in the order of their keys, at every depth. */
function isCanonical(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (!isJsonObject(value)) return value.every(isCanonical)
  let last = ''
  for (const key in value) {
    if (key < last || !isCanonical(value[key] as Json)) return false
    last = key
  }
  return true
}
