import { DeckleError, invalid } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/**
 * Reads members of a request body. Absent and null are the same, undefined here, except for `nullableText`. A wrong type is
 * kind `invalid` naming the member, as `name` when Pulp calls it otherwise than the client does (pulp2-api §2.4).
 */
export function optionalObject(body: JsonObject, key: string, name = key): JsonObject | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || isJsonObject(value)) return value
  throw invalid(`Invalid properties: ${name} must be an object`, [name])
}

export function optionalText(body: JsonObject, key: string, name = key): string | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw invalid(`Invalid properties: ${name} must be a string`, [name])
}

export function optionalBoolean(body: JsonObject, key: string): boolean | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw invalid(`Invalid properties: ${key} must be true or false`, [key])
}

/** Null is kept, since null and absent mean different things for it. */
export function nullableText(body: JsonObject, key: string): string | null | undefined {
  return body[key] === null ? null : optionalText(body, key)
}

/** Null is kept. */
export function nullableCount(body: JsonObject, key: string, most: number): number | null | undefined {
  const value = body[key]
  if (value === undefined || value === null) return value
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value
  throw invalid(`Invalid properties: ${key} must be a whole number from 1 to ${most}`, [key])
}

export function requiredText(body: JsonObject, key: string): string {
  return optionalText(body, key) ?? missing(key)
}

export function requiredObject(body: JsonObject, key: string): JsonObject {
  return optionalObject(body, key) ?? missing(key)
}

/** A list of objects; absent and null are the empty one. */
export function objectList(body: JsonObject, key: string, name: string): readonly JsonObject[] {
  const value: Json = body[key] ?? []
  if (Array.isArray(value) && value.every(isJsonObject)) return value
  throw invalid(`Invalid properties: ${name} must be a list of objects`, [name])
}

/** An object whose wrong type has an error of its own (PLP1010). */
export function typedObject(body: JsonObject, key: string): JsonObject | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || isJsonObject(value)) return value
  throw new DeckleError('invalid', `${key} must be an object`, {
    code: 'wrong-type',
    data: { value: JSON.stringify(value), field: key, field_type: 'dict' },
  })
}

/** True or false, whose wrong type has an error of its own (PLP1010). */
export function typedBoolean(body: JsonObject, key: string): boolean | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw new DeckleError('invalid', `${key} must be true or false`, {
    code: 'wrong-type',
    data: { value: JSON.stringify(value), field: key, field_type: 'boolean' },
  })
}

function missing(key: string): never {
  throw invalid(`Missing values for: ${key}`, [key], 'missing')
}
