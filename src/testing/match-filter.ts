import type { Filter, Test } from '../core/criteria.ts'
import { canonicalJson, isJsonObject, type Json } from '../core/json.ts'

/**
 * Says what a filter means, plainly: the yardstick for the SQL that filters are compiled to. Regular expressions are JavaScript's,
 * so only those that mean the same everywhere may be compared.
 */
export function matchesFilter(filter: Filter, root: Json): boolean {
  if (filter.kind === 'not') return !matchesFilter(filter.filter, root)
  if (filter.kind === 'field') return passes(valuesAt(root, filter.path), filter.test)
  const holds = (one: Filter) => matchesFilter(one, root)
  return filter.kind === 'all' ? filter.filters.every(holds) : filter.filters.some(holds)
}

function valuesAt(value: Json, path: readonly string[]): readonly Json[] {
  const [segment, ...rest] = path
  if (segment === undefined) return [value]
  if (isArray(value)) return intoAll(value, segment, rest)
  return member(value, segment).flatMap((one) => valuesAt(one, rest))
}

function intoAll(value: readonly Json[], segment: string, rest: readonly string[]): readonly Json[] {
  const members = value.flatMap((item) => member(item, segment).map((one) => ({ one })))
  const index = /^\d+$/.test(segment) ? Number(segment) : -1
  const element = index in value ? [{ one: value[index] ?? null }] : []
  return [...members, ...element].flatMap(({ one }) => valuesAt(one, rest))
}

function member(value: Json, segment: string): readonly Json[] {
  if (!isJsonObject(value) || !Object.hasOwn(value, segment)) return []
  return [value[segment] ?? null]
}

function passes(values: readonly Json[], test: Test): boolean {
  const arrays = values.filter(isArray)
  const elements = values.flatMap((value) => (isArray(value) ? value.map((one) => ({ one })) : [{ one: value }]))
  const some = (check: (value: Json) => boolean) =>
    elements.some(({ one }) => check(one)) || arrays.some((array) => check(array))
  switch (test.op) {
    case 'exists':
      return values.length > 0
    case 'size':
      return arrays.some((array) => array.length === test.size)
    case 'element':
      return arrays.some((array) => array.some((item) => matchesFilter(test.filter, item)))
    case 'equals':
      return (test.value === null && values.length === 0) || some((value) => isEqual(value, test.value))
    case 'one-of':
      return test.values.some((value) => passes(values, { op: 'equals', value }))
    case 'compare': {
      const { relation, value } = test
      if (value === null) return relation.includes('=') && passes(values, { op: 'equals', value })
      return some((candidate) => compares(candidate, relation, value))
    }
    case 'matches':
      return some((value) => typeof value === 'string' && new RegExp(test.pattern, test.options).test(value))
    case 'remainder':
      return some((value) => typeof value === 'number' && Math.trunc(value) % test.divisor === test.remainder)
    case 'type':
      return some((value) => typeOf(value) === test.type)
  }
}

/** Of the types that are compared alike everywhere. */
function compares(left: Json, relation: string, right: Json): boolean {
  if (typeOf(left) !== typeOf(right)) return false
  const order = compare(left, right)
  if (relation.includes('=') && order === 0) return true
  return relation.startsWith('>') ? order > 0 : order < 0
}

function compare(left: Json, right: Json): number {
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right))
  return Number(left) - Number(right)
}

function isEqual(left: Json, right: Json): boolean {
  return canonicalJson(left) === canonicalJson(right)
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return isArray(value) ? 'array' : typeof value
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
