import type { Json } from '../core/json.ts'
import type { Resource, ResourceFilter, ResourceQuery } from '../core/resource.ts'

type Value = string | number | Date | null

/** What a store does in SQL, in plain words. */
export function fulfils(resource: Resource, filter: ResourceFilter): boolean {
  const value = 'member' in filter ? textOf(resource.data[filter.member]) : resource[filter.column]
  if (!('value' in filter)) return (value === null) === (filter.test === 'null')
  if (value === null) return false
  return fits(value, filter.test, filter.value)
}

export function compareResources(one: Resource, other: Resource, sort: ResourceQuery['sort']): number {
  if (sort === undefined) return one.key - other.key
  const order = compareNullable(one[sort.column], other[sort.column]) || one.key - other.key
  return sort.descending ? -order : order
}

function fits(value: NonNullable<Value>, test: string, wanted: NonNullable<Value>): boolean {
  if (test === 'like') return likePattern(String(wanted)).test(String(value))
  if (test === 'notlike') return !likePattern(String(wanted)).test(String(value))
  if (test === 'prefix') return String(value).startsWith(String(wanted))
  const order = compare(value, wanted)
  const tests: Record<string, boolean> = {
    eq: order === 0,
    ne: order !== 0,
    lt: order < 0,
    lte: order <= 0,
    gt: order > 0,
    gte: order >= 0,
  }
  return tests[test] === true
}

function likePattern(text: string): RegExp {
  const source = [...text].map(
    (char) =>
      ({ '%': '.*', _: '.' })[char] ?? (/[A-Za-z0-9]/.test(char) ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`),
  )
  return new RegExp(`^${source.join('')}$`, 'su')
}

function compareNullable(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return compare(one, other)
}

function compare(one: NonNullable<Value>, other: NonNullable<Value>): number {
  const [left, right] = [one, other].map((value) => (value instanceof Date ? value.getTime() : value))
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
}

function textOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
