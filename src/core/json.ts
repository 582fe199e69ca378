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
 * it may never change. Twice per unit of a sync, hence the plain loops.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return isJsonObject(value) ? canonicalObject(value) : `[${value.map(canonicalJson).join(',')}]`
}

function canonicalObject(object: JsonObject): string {
  let text = ''
  for (const key of Object.keys(object).sort()) {
    text += `${text === '' ? '{' : ','}${quotedKey(key)}:${canonicalJson(object[key] as Json)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** The few keys that all units have. */
const quotedKeys = new Map<string, string>()
const mostKeys = 1000

function quotedKey(key: string): string {
  const known = quotedKeys.get(key)
  if (known !== undefined) return known
  const quoted = JSON.stringify(key)
  if (quotedKeys.size < mostKeys) quotedKeys.set(key, quoted)
  return quoted
}
