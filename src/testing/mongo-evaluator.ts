import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { candidatesOf, compareAlike, findAt, isArray, typeOf } from './mongo-values.ts'

/**
 * Whether a document matches a MongoDB query document, by the rules of pulp2-api §4.1 said as plainly as can be: the yardstick for
 * what the server compiles the same query to. Takes only valid queries. Values to compare with are scalars or, for equality, anything.
 */
export function matchesQuery(query: JsonObject, document: Json): boolean {
  return Object.entries(query).every(([key, condition]) => {
    if (key === '$and') return queries(condition).every((one) => matchesQuery(one, document))
    if (key === '$or') return queries(condition).some((one) => matchesQuery(one, document))
    if (key === '$nor') return !queries(condition).some((one) => matchesQuery(one, document))
    return matchesField(Place.at(document, key.split('.')), condition)
  })
}

function queries(value: Json): readonly JsonObject[] {
  return isArray(value) ? value.filter(isJsonObject) : []
}

/** What conditions on one field look at. */
class Place {
  /** The values at the path themselves. */
  readonly whole: readonly (Json | undefined)[]
  /** The same with the elements of arrays. */
  readonly any: readonly (Json | undefined)[]

  private constructor(whole: readonly (Json | undefined)[], any: readonly (Json | undefined)[]) {
    this.whole = whole
    this.any = any
  }

  static at(document: Json, path: readonly string[]): Place {
    const found = findAt(document, path)
    return new Place(
      found.map(({ value }) => value),
      candidatesOf(found),
    )
  }

  /** Inside `$elemMatch`, an element stands for itself only. */
  static of(element: Json): Place {
    return new Place([element], [element])
  }
}

function matchesField(place: Place, condition: Json): boolean {
  if (!isOperators(condition)) return isEqual(place, condition)
  return Object.keys(condition).every((operator) => holds(place, operator, condition))
}

function isOperators(value: Json): value is JsonObject {
  if (!isJsonObject(value) || '$date' in value) return false
  return Object.keys(value).some((key) => key.startsWith('$'))
}

function holds(place: Place, operator: string, operators: JsonObject): boolean {
  const operand = operators[operator] ?? null
  switch (operator) {
    case '$eq':
      return isEqual(place, operand)
    case '$ne':
      return !isEqual(place, operand)
    case '$in':
      return list(operand).some((value) => isEqual(place, value))
    case '$nin':
      return !list(operand).some((value) => isEqual(place, value))
    case '$all':
      return list(operand).length > 0 && list(operand).every((value) => hasOneOfAll(place, value))
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return place.any.some((value) => compares(value, operator, operand))
    case '$exists':
      return (operand !== false && operand !== 0 && operand !== null) === place.any.some((value) => value !== undefined)
    case '$size':
      return place.whole.some((value) => isArray(value) && value.length === operand)
    case '$mod':
      return place.any.some((value) => hasRemainder(value, list(operand)))
    case '$type':
      return place.any.some((value) => value !== undefined && typeNames(operand).includes(typeOf(value)))
    case '$regex':
      return hasText(place, String(operand), String(operators['$options'] ?? ''))
    case '$options':
      return true
    case '$not':
      return !(typeof operand === 'string' ? hasText(place, operand, '') : matchesField(place, operand))
    case '$elemMatch':
      return place.whole.some((value) => isArray(value) && value.some((element) => matchesElement(element, operand)))
  }
  throw new Error(`no such operator: ${operator}`)
}

/** Null also equals what is missing. */
function isEqual(place: Place, operand: Json): boolean {
  return place.any.some((value) => canonicalJson(value ?? null) === canonicalJson(operand))
}

function hasOneOfAll(place: Place, value: Json): boolean {
  return isJsonObject(value) && '$elemMatch' in value ? matchesField(place, value) : isEqual(place, value)
}

/** Only values of the same type compare; what is missing is no less and no more than null. */
function compares(value: Json | undefined, operator: string, operand: Json): boolean {
  if (typeOf(value) !== typeOf(operand)) return false
  const order = compareAlike(value, operand)
  if (operator.endsWith('e') && order === 0) return true
  return operator.startsWith('$g') ? order > 0 : order < 0
}

function hasRemainder(value: Json | undefined, [divisor, remainder]: readonly Json[]): boolean {
  if (typeof value !== 'number' || Math.abs(value) >= 2 ** 63) return false
  return BigInt(String(Math.trunc(value))) % BigInt(Number(divisor)) === BigInt(Number(remainder))
}

/** Conditions on elements themselves, or a query of those that are objects. An array is an object whose keys are its indexes. */
function matchesElement(element: Json, operand: Json): boolean {
  if (!isJsonObject(operand)) return false
  const [first = ''] = Object.keys(operand)
  if (first.startsWith('$') && !['$and', '$or', '$nor'].includes(first)) return matchesField(Place.of(element), operand)
  if (isArray(element)) return matchesQuery(operand, { ...element })
  return isJsonObject(element) && matchesQuery(operand, element)
}

function hasText(place: Place, pattern: string, options: string): boolean {
  const expression = toJavaScript(pattern, options)
  return place.any.some((value) => typeof value === 'string' && expression.test(value))
}

/** PCRE's `$` also stands before a line feed at the end; options may stand in the pattern. */
function toJavaScript(pattern: string, options: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern)
  const body = inline === null ? pattern : pattern.slice(inline[0].length)
  const flags = new Set(`u${options}${inline?.[1] ?? ''}`)
  return new RegExp(flags.has('m') ? body : body.replaceAll('$', '(?=\\n?$)'), [...flags].join(''))
}

const numbers: Readonly<Record<string, string>> = {
  1: 'number',
  2: 'string',
  3: 'object',
  4: 'array',
  8: 'boolean',
  9: 'date',
  10: 'null',
  16: 'number',
  18: 'number',
  bool: 'boolean',
  double: 'number',
  int: 'number',
  long: 'number',
}

function typeNames(operand: Json): readonly string[] {
  return (isArray(operand) ? operand : [operand]).map((name) => numbers[String(name)] ?? String(name))
}

function list(value: Json): readonly Json[] {
  return isArray(value) ? value : []
}
