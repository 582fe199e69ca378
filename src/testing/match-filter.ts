import type { Filter, Test } from '../core/criteria.ts'
import { canonicalJson, isJsonObject, type Json } from '../core/json.ts'
import { candidatesOf, compareAlike, findAt, isArray, typeOf } from './mongo-values.ts'

/** Says what a filter means, for the stores that tests keep in memory. Regular expressions are JavaScript's. */
export function matchesFilter(filter: Filter, root: Json): boolean {
  if (filter.kind === 'not') return !matchesFilter(filter.filter, root)
  if (filter.kind === 'field') {
    const found = findAt(root, filter.path)
    const whole = found.map(({ value }) => value)
    // An empty path is an element, which stands for itself only.
    return passes(whole, filter.path.length === 0 ? whole : candidatesOf(found), filter.test)
  }
  const holds = (one: Filter) => matchesFilter(one, root)
  return filter.kind === 'all' ? filter.filters.every(holds) : filter.filters.some(holds)
}

type Values = readonly (Json | undefined)[]

function passes(whole: Values, any: Values, test: Test): boolean {
  switch (test.op) {
    case 'exists':
      return any.some((value) => value !== undefined)
    case 'size':
      return whole.some((value) => isArray(value) && value.length === test.size)
    case 'element':
      return whole.some((value) => isArray(value) && value.some((element) => elementMatches(element, test)))
    case 'equals':
      return any.some((value) => isEqual(value, test.value))
    case 'one-of':
      return any.some((value) => test.values.some((one) => isEqual(value, one)))
    case 'compare':
      return any.some((value) => compares(value, test.relation, test.value))
    case 'matches':
      return any.some((value) => typeof value === 'string' && new RegExp(test.pattern, test.options).test(value))
    case 'remainder':
      return any.some((value) => typeof value === 'number' && Math.trunc(value) % test.divisor === test.remainder)
    case 'type':
      return any.some((value) => value !== undefined && typeOf(value) === test.type)
  }
}

function elementMatches(element: Json, { of, filter }: Extract<Test, { op: 'element' }>): boolean {
  if (of === 'values') return matchesFilter(filter, element)
  if (isArray(element)) return matchesFilter(filter, { ...element })
  return isJsonObject(element) && matchesFilter(filter, element)
}

function isEqual(value: Json | undefined, operand: Json): boolean {
  return canonicalJson(value ?? null) === canonicalJson(operand)
}

function compares(value: Json | undefined, relation: string, operand: Json): boolean {
  if (typeOf(value) !== typeOf(operand)) return false
  const order = compareAlike(value, operand)
  if (relation.includes('=') && order === 0) return true
  return relation.startsWith('>') ? order > 0 : order < 0
}
