import { isJsonObject, type Json } from '../core/json.ts'

/** A value that a path leads to. */
interface Found {
  /** Undefined where the path leads to nothing, which equals null. */
  readonly value: Json | undefined
  /** An element that was named by its index stands for itself only, even when it is an array. */
  readonly byIndex: boolean
}

/**
 * All values at a dotted path, as MongoDB finds them: through every object of an array on the way, and through the element whose
 * index a segment is. Elements that are no objects lead nowhere, not even to something missing.
 */
export function findAt(value: Json | undefined, path: readonly string[]): readonly Found[] {
  const [segment, ...rest] = path
  if (segment === undefined) return [{ value, byIndex: false }]
  if (isArray(value)) return value.flatMap((element, index) => findInElement(element, index, segment, rest))
  return findAt(memberOf(value, segment), rest)
}

function findInElement(element: Json, index: number, segment: string, rest: readonly string[]): readonly Found[] {
  const asObject = isJsonObject(element) ? findAt(memberOf(element, segment), rest) : []
  if (String(index) !== segment) return asObject
  if (rest.length === 0) return [...asObject, { value: element, byIndex: true }]
  const leadsOn = isJsonObject(element) || isArray(element)
  return leadsOn ? [...asObject, ...findAt(element, rest)] : asObject
}

function memberOf(value: Json | undefined, segment: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined
}

/** The values that conditions look at: of an array its elements, and the array itself. */
export function candidatesOf(found: readonly Found[]): readonly (Json | undefined)[] {
  const candidates: (Json | undefined)[] = []
  for (const { value, byIndex } of found) {
    if (isArray(value) && !byIndex) candidates.push(...value)
    candidates.push(value)
  }
  return candidates
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** MongoDB's types, in the order in which it sorts them. Dates are written `{"$date": …}`. */
const types = ['null', 'number', 'string', 'object', 'array', 'boolean', 'date'] as const

export function typeOf(value: Json | undefined): (typeof types)[number] {
  if (value === null || value === undefined) return 'null'
  if (isArray(value)) return 'array'
  if (isJsonObject(value)) return '$date' in value ? 'date' : 'object'
  return types.find((type) => type === typeof value) ?? 'null'
}

/** Less than, equal to or greater than 0, for two of one type. Objects are all alike, and so are arrays. */
export function compareAlike(left: Json | undefined, right: Json | undefined): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'number' || typeof left === 'boolean') return Number(left) - Number(right)
  return compareText(dateOf(left), dateOf(right))
}

function dateOf(value: Json | undefined): string {
  return isJsonObject(value) ? String(value['$date'] ?? '') : ''
}

function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** The order that a sort by `path` gives: by type, then by value; an array counts by its least, or its greatest, element. */
export function compareBy(path: readonly string[], direction: 'ascending' | 'descending') {
  const sign = direction === 'ascending' ? 1 : -1
  return (left: Json, right: Json) => sign * compareAny(sortKey(left, path, sign), sortKey(right, path, sign))
}

interface SortKey {
  readonly value: Json | undefined
  /** Of an empty array, which sorts before everything, even null. */
  readonly empty: boolean
}

function sortKey(document: Json, path: readonly string[], sign: number): SortKey {
  const keys = findAt(document, path).flatMap(({ value, byIndex }): SortKey[] => {
    if (!isArray(value) || byIndex) return [{ value, empty: false }]
    if (value.length === 0) return [{ value: null, empty: true }]
    return value.map((element) => ({ value: element, empty: false }))
  })
  return keys.toSorted((left, right) => sign * compareAny(left, right))[0] ?? { value: null, empty: false }
}

function compareAny(left: SortKey, right: SortKey): number {
  if (left.empty !== right.empty) return left.empty ? -1 : 1
  const byType = types.indexOf(typeOf(left.value)) - types.indexOf(typeOf(right.value))
  return byType === 0 ? compareAlike(left.value, right.value) : byType
}
