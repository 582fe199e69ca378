import { isJsonObject, type Json } from '../../../core/json.ts'
import { isStorableText } from '../../kit/json-body.ts'
import { RancherError } from '../errors.ts'
import { parseDate } from '../print/dates.ts'
import { parseId } from '../print/ids.ts'

/**
 * Makes the value of a type of what was given: scalars become each other where that makes sense, references the number of their id,
 * dates milliseconds. Throws 422 `InvalidFormat`, `InvalidDateFormat`, `InvalidReference` or `InvalidCharacters` (rancher-api §1.12).
 */
export function convert(name: string, type: string, value: Json): Json {
  const inner = /^(array|map|reference)\[(.+)\]$/.exec(type)
  if (inner?.[1] === 'array') return convertList(name, inner[2] ?? '', value)
  if (inner?.[1] === 'map') return convertMap(name, inner[2] ?? '', value)
  if (inner?.[1] === 'reference') return convertReference(name, value)
  return convertScalar(name, type, value)
}

function convertList(name: string, type: string, value: Json): Json {
  if (!Array.isArray(value)) throw wrong(name, 'an array')
  return value.map((item) => convert(name, type, item))
}

function convertMap(name: string, type: string, value: Json): Json {
  if (!isJsonObject(value)) throw wrong(name, 'an object')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(name, type, item)]))
}

function convertReference(name: string, value: Json): number {
  const key = typeof value === 'string' ? parseId(value) : undefined
  if (key === undefined) throw RancherError.field('InvalidReference', name, `${name} must be an id such as 1h5`)
  return key
}

const scalars: ReadonlySet<string> = new Set(['string', 'password', 'enum', 'int', 'float', 'boolean', 'date'])

/** What is no scalar, `json` and other schemas, is taken as it is. */
function convertScalar(name: string, type: string, value: Json): Json {
  if (!scalars.has(type)) return value
  if (value === null || typeof value === 'object') throw wrong(name, `a ${type}`)
  if (type === 'int') return convertNumber(name, value, Number.isSafeInteger, 'an integer')
  if (type === 'float') return convertNumber(name, value, Number.isFinite, 'a number')
  if (type === 'boolean') return convertBoolean(name, value)
  if (type === 'date') return convertDate(name, value)
  return convertText(name, value)
}

function convertText(name: string, value: string | number | boolean): string {
  const text = String(value)
  if (isStorableText(text)) return text
  throw RancherError.field('InvalidCharacters', name, `${name} holds a character that cannot be stored`)
}

function convertNumber(name: string, value: Json, fits: (value: number) => boolean, noun: string): number {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\s*[-+]?\d/.test(value))
  const number = isNumeric ? Number(value) : Number.NaN
  if (!fits(number)) throw wrong(name, noun)
  return number
}

function convertBoolean(name: string, value: Json): boolean {
  const text = String(value).toLowerCase()
  if (text !== 'true' && text !== 'false') throw wrong(name, 'true or false')
  return text === 'true'
}

function convertDate(name: string, value: string | number | boolean): number {
  const date = typeof value === 'boolean' ? undefined : parseDate(value)
  if (date !== undefined) return date.getTime()
  throw RancherError.field('InvalidDateFormat', name, `${name} must look like 2015-11-18T21:03:11Z`)
}

function wrong(name: string, noun: string): RancherError {
  return RancherError.field('InvalidFormat', name, `${name} must be ${noun}`)
}
