import type { Json, JsonObject } from '../../../core/json.ts'
import { RancherError } from '../errors.ts'
import { inOrder } from '../print/print-schema.ts'
import type { Input } from '../request/call.ts'
import { type Field, isCreatable, isVisible } from '../schema/field.ts'
import type { Role } from '../schema/role.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import { checkValue } from './check-value.ts'
import { convert } from './convert.ts'

/**
 * The fields that a POST or PUT may give, converted and checked, defaults filled in. Everything else is dropped without a word. Throws
 * 422 with the code of the first fault, fields in alphabetical order (rancher-api §1.12).
 */
export function checkFields(schema: TypeSchema, role: Role, verb: 'create' | 'update', input: Input): JsonObject {
  const checked: Record<string, Json> = {}
  for (const [name, field] of inOrder(schema.fields)) {
    if (!isVisible(field, role) || !isWritable(field, role, verb)) continue
    const given = givenValue(name, field, input)
    const value = given === undefined ? missing(name, field, verb) : checkOne(name, field, given)
    if (value !== undefined) checked[name] = value
  }
  return checked
}

function isWritable(field: Field, role: Role, verb: 'create' | 'update'): boolean {
  return verb === 'create' ? isCreatable(field, role) : field.update === true
}

/** Parameters are text; those of an array are all that have its name. */
function givenValue(name: string, { type }: Field, { fields, parameters }: Input): Json | undefined {
  if (Object.hasOwn(fields, name)) return fields[name]
  const values = parameters.all(name)
  if (values.length === 0) return undefined
  return type.startsWith('array[') ? values : values.at(-1)
}

function missing(name: string, field: Field, verb: 'create' | 'update'): Json | undefined {
  if (verb === 'update' || field.default !== undefined) return verb === 'create' ? field.default : undefined
  if (field.required) throw RancherError.field('MissingRequired', name, `${name} must be given`)
  return undefined
}

function checkOne(name: string, field: Field, given: Json): Json {
  if (given === null && field.default !== undefined) return field.default
  if (given === null) {
    if (field.nullable) return null
    throw RancherError.field('NotNullable', name, `${name} must not be null`)
  }
  const value = convert(name, field.type, given)
  if (field.required && Array.isArray(value) && value.length === 0) {
    throw RancherError.field('MissingRequired', name, `${name} must name at least one`)
  }
  for (const item of Array.isArray(value) ? value : [value]) checkValue(name, field, item)
  return value
}
