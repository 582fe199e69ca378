import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/** The form of one value of a request body: how it is read, and how the API reference describes it, in one place. */
export interface Field<Value> {
  /** JSON Schema 2020-12. */
  readonly schema: JsonObject
  /** The value, undefined when it does not have this form. */
  read(value: Json): Value | undefined
}

export const text: Field<string> = {
  schema: { type: 'string' },
  read: (value) => (typeof value === 'string' ? value : undefined),
}

export const flag: Field<boolean> = {
  schema: { type: 'boolean' },
  read: (value) => (typeof value === 'boolean' ? value : undefined),
}

/** An object whose members belong to the user or to a plugin. */
export const object: Field<JsonObject> = {
  schema: { type: 'object' },
  read: (value) => (isJsonObject(value) ? value : undefined),
}

/** Anything but null and nothing. */
export const anything: Field<Json> = {
  schema: { type: ['object', 'array', 'string', 'number', 'boolean'] },
  read: (value) => value ?? undefined,
}

/** A string of this form, for example of the characters that an id may have. */
export function textLike(pattern: RegExp): Field<string> {
  return {
    schema: { type: 'string', pattern: pattern.source },
    read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  }
}

/** Both ends included. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Field<number> {
  const fits = (value: Json) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return {
    schema: { type: 'integer', minimum: least, maximum: most },
    read: (value) => (fits(value) ? Number(value) : undefined),
  }
}

export function oneOf<Choice extends string>(...choices: readonly Choice[]): Field<Choice> {
  return { schema: { enum: [...choices] }, read: (value) => choices.find((choice) => choice === value) }
}

export function listOf<Value>(field: Field<Value>): Field<readonly Value[]> {
  return {
    schema: { type: 'array', items: field.schema },
    read: (value) => (Array.isArray(value) ? allOf(value.map((item) => field.read(item))) : undefined),
  }
}

/** An object with any keys, whose values have one form. */
export function mapOf<Value>(field: Field<Value>): Field<Readonly<Record<string, Value>>> {
  return {
    schema: { type: 'object', additionalProperties: field.schema },
    read: (value) => (isJsonObject(value) ? readMap(field, value) : undefined),
  }
}

/** Null is a value of its own, other than nothing. */
export function nullable<Value>(field: Field<Value>): Field<Value | null> {
  return {
    schema: orNull(field.schema),
    read: (value) => (value === null ? null : field.read(value)),
  }
}

/** A schema that takes null besides. */
export function orNull(schema: JsonObject): JsonObject {
  const { type, enum: choices, ...rest } = schema
  if (Array.isArray(choices)) return { ...rest, enum: [...new Set([...choices, null])] }
  if (type === undefined) return { anyOf: [schema, { type: 'null' }] }
  return { type: [...new Set([type, 'null'].flat())], ...rest }
}

function readMap<Value>(field: Field<Value>, map: JsonObject): Readonly<Record<string, Value>> | undefined {
  const names = Object.keys(map)
  const values = allOf(names.map((name) => field.read(map[name] ?? null)))
  return values && Object.fromEntries(names.map((name, index) => [name, values[index] as Value]))
}

function allOf<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? known : undefined
}
