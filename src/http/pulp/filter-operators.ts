import type { Filter, Test } from '../../core/criteria.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { badCriteria } from './bad-criteria.ts'
import { fromPulpDate } from './dates.ts'
import { toValueType } from './value-types.ts'

/** Reads what nests inside an operator, to at most `depth` levels. */
interface Reader {
  /** Takes note of one more test at a path, as the operators of a document are counted. */
  count(path: readonly string[]): void
  document(document: JsonObject, depth: number): Filter
  operators(path: readonly string[], document: JsonObject, depth: number): Filter
}

/** Where an operator stands: with its siblings, at a path. */
interface Place {
  readonly reader: Reader
  readonly path: readonly string[]
  readonly document: JsonObject
  readonly depth: number
}

/** True for an object of operators; dates and object ids are values that only look like one. */
export function isOperatorDocument(value: Json): value is JsonObject {
  return isJsonObject(value) && !isExtendedValue(value) && Object.keys(value).some((key) => key.startsWith('$'))
}

/** The filter of one operator; undefined for one that only goes with another. */
export function readOperator(place: Place, operator: string): Filter | undefined {
  const read = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (read === undefined) throw badCriteria(`there is no operator ${operator}`)
  return read(place, place.document[operator] ?? null, operator)
}

type Read = (place: Place, value: Json, operator: string) => Filter | undefined

const operators: Readonly<Record<string, Read>> = {
  $eq: (place, value) => field(place, { op: 'equals', value: literal(value) }),
  $ne: (place, value) => not(field(place, { op: 'equals', value: literal(value) })),
  $gt: (place, value) => field(place, { op: 'compare', relation: '>', value: ordered(value) }),
  $gte: (place, value) => field(place, { op: 'compare', relation: '>=', value: ordered(value) }),
  $lt: (place, value) => field(place, { op: 'compare', relation: '<', value: ordered(value) }),
  $lte: (place, value) => field(place, { op: 'compare', relation: '<=', value: ordered(value) }),
  $in: (place, value, operator) => field(place, { op: 'one-of', values: list(value, operator).map(literal) }),
  $nin: (place, value, operator) => not(field(place, { op: 'one-of', values: list(value, operator).map(literal) })),
  $all: readAll,
  $exists: (place, value) => (isTrue(value) ? field(place, { op: 'exists' }) : not(field(place, { op: 'exists' }))),
  $size: readSize,
  $mod: readModulo,
  $type: readType,
  $regex: readRegex,
  $options: readOptions,
  $not: readNot,
  $elemMatch: readElement,
}

function readAll(place: Place, value: Json, operator: string): Filter {
  const values = list(value, operator)
  if (values.length === 0) return { kind: 'any', filters: [] }
  return { kind: 'all', filters: values.map((one) => readOneOfAll(place, one)) }
}

/** A value, or what an element has to match. */
function readOneOfAll(place: Place, value: Json): Filter {
  place.reader.count(place.path)
  if (!isJsonObject(value) || !('$elemMatch' in value)) return field(place, { op: 'equals', value: literal(value) })
  return place.reader.operators(place.path, value, place.depth)
}

function readType(place: Place, value: Json): Filter {
  const types = Array.isArray(value) ? value : [value]
  if (types.length === 0) throw badCriteria('$type needs a type')
  for (const _ of types) place.reader.count(place.path)
  return { kind: 'any', filters: types.map((type) => field(place, { op: 'type', type: toValueType(type) })) }
}

function readSize(place: Place, value: Json): Filter {
  if (!isInteger(value) || value < 0) throw badCriteria('$size needs a number')
  return field(place, { op: 'size', size: value })
}

function readModulo(place: Place, value: Json): Filter {
  const [divisor = null, remainder = null, ...rest] = list(value, '$mod')
  if (!isInteger(divisor) || divisor === 0 || !isInteger(remainder) || rest.length > 0) {
    throw badCriteria('$mod needs a divisor and a remainder')
  }
  return field(place, { op: 'remainder', divisor, remainder })
}

function readRegex(place: Place, value: Json): Filter {
  const options = place.document['$options'] ?? ''
  if (typeof value !== 'string' || typeof options !== 'string') throw badCriteria('$regex and $options need text')
  return field(place, { op: 'matches', pattern: value, options })
}

function readOptions(place: Place): undefined {
  if (!('$regex' in place.document)) throw badCriteria('$options needs a $regex')
}

/** A text is a regular expression here. */
function readNot(place: Place, value: Json): Filter {
  if (typeof value === 'string') return not(field(place, { op: 'matches', pattern: value, options: '' }))
  if (!isOperatorDocument(value)) throw badCriteria('$not needs operators or a regular expression')
  return not(place.reader.operators(place.path, value, place.depth))
}

/** Operators speak of the elements themselves, anything else of their members. */
function readElement(place: Place, value: Json): Filter {
  if (!isJsonObject(value)) throw badCriteria('$elemMatch needs an object')
  const [first = ''] = Object.keys(value)
  const ofElements = first.startsWith('$') && Object.hasOwn(operators, first)
  const filter = ofElements ? place.reader.operators([], value, place.depth) : place.reader.document(value, place.depth)
  return field(place, { op: 'element', of: ofElements ? 'values' : 'objects', filter })
}

function field(place: Place, test: Test): Filter {
  return { kind: 'field', path: place.path, test }
}

function not(filter: Filter): Filter {
  return { kind: 'not', filter }
}

function list(value: Json, operator: string): readonly Json[] {
  if (Array.isArray(value)) return value
  throw badCriteria(`${operator} needs a list`)
}

function isInteger(value: Json): value is number {
  return Number.isSafeInteger(value)
}

function isTrue(value: Json): boolean {
  return value !== null && value !== false && value !== 0
}

function isExtendedValue(value: JsonObject): boolean {
  const [key, ...others] = Object.keys(value)
  return others.length === 0 && (key === '$date' || key === '$oid')
}

/** A value that others are less or greater than. Objects have no order of members here, and so no order; arrays neither. */
function ordered(value: Json): Json {
  const operand = literal(value)
  const isDate = isJsonObject(operand) && isExtendedValue(operand)
  if (typeof operand === 'object' && operand !== null && !isDate) throw badCriteria('objects and arrays have no order')
  return operand
}

/** A value to compare with; dates come in one form (`core/criteria.ts`), object ids as their digits. */
export function literal(value: Json): Json {
  if (!isJsonObject(value)) return value
  if (isOperatorDocument(value)) throw badCriteria('an operator stands where a value should')
  if (!isExtendedValue(value)) return value
  const { $date: date, $oid: id } = value
  if (id !== undefined) return typeof id === 'string' ? id : refuseValue('$oid')
  const instant = instantOf(date)
  if (instant === undefined || Number.isNaN(instant.getTime())) return refuseValue('$date')
  return { $date: instant.toISOString() }
}

function instantOf(date: Json | undefined): Date | undefined {
  if (typeof date === 'number') return new Date(date)
  return typeof date === 'string' ? fromPulpDate(date) : undefined
}

function refuseValue(key: string): never {
  throw badCriteria(`the value of ${key} cannot be read`)
}
