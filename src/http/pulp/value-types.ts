import type { ValueType } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import { badCriteria } from './bad-criteria.ts'

/** The types of MongoDB, by number and by name, that JSON can tell apart. */
const valueTypes: Readonly<Record<string, ValueType>> = {
  1: 'number',
  2: 'string',
  3: 'object',
  4: 'array',
  7: 'string',
  8: 'boolean',
  9: 'date',
  10: 'null',
  16: 'number',
  18: 'number',
  double: 'number',
  string: 'string',
  object: 'object',
  array: 'array',
  objectId: 'string',
  bool: 'boolean',
  date: 'date',
  null: 'null',
  int: 'number',
  long: 'number',
  number: 'number',
}

/** The operand of `$type`. */
export function toValueType(value: Json): ValueType {
  const name = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const type = Object.hasOwn(valueTypes, name) ? valueTypes[name] : undefined
  if (type === undefined) throw badCriteria(`$type does not know ${name}`)
  return type
}
