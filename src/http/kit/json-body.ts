import { DeckleError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { type BodyRule, emptyBody } from './route.ts'

const maxDepth = 64

/**
 * Reads a request body. Throws kind `invalid`, code `body-not-utf8`, `body-not-json` or `body-not-object`. Text that no
 * database can hold (NUL, half a surrogate pair), numbers that are too large, members named `__proto__` and nesting beyond 64
 * levels are refused here, so that nobody behind has to think of them.
 */
export function parseJsonBody(bytes: Uint8Array, rule: Extract<BodyRule, 'object' | 'optional'>): JsonObject {
  const text = decode(bytes)
  if (text.trim() === '' && rule === 'optional') return emptyBody
  const value = parseJson(text)
  if (isJsonObject(value)) return value
  throw new DeckleError('invalid', 'The request body must be a JSON object', { code: 'body-not-object' })
}

/** The same for a body that is an array: code `body-not-array`. */
export function parseJsonArray(bytes: Uint8Array): readonly Json[] {
  const value = parseJson(decode(bytes))
  if (Array.isArray(value)) return value
  throw new DeckleError('invalid', 'The request body must be a JSON array', { code: 'body-not-array' })
}

/** The same for a body that is any value. */
export function parseJsonValue(bytes: Uint8Array): Json {
  return parseJson(decode(bytes))
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new DeckleError('invalid', 'The request body is not UTF-8', { code: 'body-not-utf8' }, { cause })
  }
}

/**
 * Reads JSON that a client wrote, in a body or a query, with the same limits. Throws kind `invalid`, code `body-not-json`. The
 * parser's own message may quote the text, which may hold a password, so it is not passed on.
 */
export function parseJson(text: string): Json {
  const value = parse(text)
  if (value !== undefined && isStorable(value, maxDepth)) return value
  if (value === undefined) throw notJson('The request body is not valid JSON')
  throw notJson(`The request body nests deeper than ${maxDepth} levels or holds text or a number that cannot be stored`)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function notJson(message: string): DeckleError {
  return new DeckleError('invalid', message, { code: 'body-not-json' })
}

function isStorable(value: Json, depth: number): boolean {
  if (typeof value === 'string') return isStorableText(value)
  // 1e999 reads as infinity, which JSON cannot say.
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  if (!isJsonObject(value)) return value.every((item) => isStorable(item, depth - 1))
  return Object.entries(value).every(([key, item]) => isStorableKey(key) && isStorable(item, depth - 1))
}

function isStorableKey(key: string): boolean {
  return key !== '__proto__' && isStorableText(key)
}

/** True for text that PostgreSQL takes. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
