import { type Criteria, everything, type Filter, type SortKey } from '../../core/criteria.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { parseJson } from '../kit/json-body.ts'
import { fromPulpFilters } from './filters.ts'
import { checkObjectIds } from './object-id-filters.ts'

/** What a collection lets its searches say. */
export interface Searchable {
  /** The only names that `sort` and `fields` may have; any when absent. */
  readonly known?: ReadonlySet<string>
  /** `_id` may only be compared in the ways that object ids allow. */
  readonly objectIds: boolean
  /** Parameters of the query beside the criteria. */
  readonly options: readonly string[]
}

export interface PulpSearch {
  readonly criteria: Criteria
  /** Members to print; all when absent. */
  readonly fields?: ReadonlySet<string>
}

/** `{"criteria": {…}, …}`: the body of a search by POST (pulp2-api §4.1). */
export function fromPulpSearchBody(body: JsonObject, searchable: Searchable): PulpSearch {
  const criteria = body['criteria'] ?? null
  if (criteria === null) throw invalid('Missing values for: criteria', ['criteria'], 'missing')
  if (!isJsonObject(criteria)) throw invalid('Invalid properties: criteria must be an object', ['criteria'])
  return fromPulpCriteria(criteria, searchable)
}

/** `?filters=<json>&sort=<json>&limit=&skip=&field=a&field=b`: a search by GET. */
export function fromPulpSearchQuery(query: URLSearchParams, searchable: Searchable): PulpSearch {
  const criteria: Record<string, Json> = {}
  for (const [name, value] of query) {
    if (searchable.options.includes(name)) continue
    if (name === 'field') criteria['fields'] = query.getAll('field')
    else if (name === 'fields') throw invalid('Invalid properties: fields; the query calls it field', ['fields'])
    else criteria[name] = name === 'filters' || name === 'sort' ? jsonParameter(name, value) : value
  }
  return fromPulpCriteria(criteria, searchable)
}

function jsonParameter(name: string, text: string): Json {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new DeckleError('invalid', `Invalid properties: ${name} is not valid JSON`, { fields: [name] }, { cause })
  }
}

const members = ['filters', 'sort', 'limit', 'skip', 'fields']

/** Names everything that is wrong at once. */
function fromPulpCriteria(document: JsonObject, searchable: Searchable): PulpSearch {
  const wrong = Object.keys(document).filter((key) => !members.includes(key))
  const read = <Value>(name: string, parse: (value: Json) => Value | undefined): Value | undefined => {
    const value = document[name] ?? null
    const parsed = value === null ? undefined : parse(value)
    if (value !== null && parsed === undefined) wrong.push(name)
    return parsed
  }
  const filter = read('filters', (value) => readFilters(value, searchable))
  const sort = read('sort', (value) => readSort(value, searchable))
  const limit = read('limit', (value) => readNumber(value, 1))
  const skip = read('skip', (value) => readNumber(value, 0))
  const fields = read('fields', (value) => readFields(value, searchable))
  if (wrong.length > 0) throw invalid(`Invalid properties: ${wrong.join(', ')}`, wrong)
  return {
    criteria: {
      filter: filter ?? everything,
      sort: sort ?? [],
      skip: skip ?? 0,
      ...(limit !== undefined && { limit }),
    },
    ...(fields !== undefined && { fields: new Set(fields) }),
  }
}

function readFilters(value: Json, searchable: Searchable): Filter | undefined {
  if (!isJsonObject(value)) return undefined
  if (searchable.objectIds && !checkObjectIds(value)) return undefined
  return fromPulpFilters(value)
}

const directions: Readonly<Record<string, SortKey['direction']>> = {
  ascending: 'ascending',
  '1': 'ascending',
  descending: 'descending',
  '-1': 'descending',
}

function readSort(value: Json, searchable: Searchable): readonly SortKey[] | undefined {
  if (!Array.isArray(value)) return undefined
  const keys = value.map((pair) => readSortKey(pair, searchable))
  return keys.every((key) => key !== undefined) ? keys : undefined
}

function readSortKey(pair: Json, searchable: Searchable): SortKey | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) return undefined
  const [field, direction] = [pair[0], directions[String(pair[1]).toLowerCase()]]
  if (typeof field !== 'string' || direction === undefined || !isKnown(field, searchable)) return undefined
  return { field, direction }
}

function readFields(value: Json, searchable: Searchable): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const names = value.filter((name) => typeof name === 'string')
  const right = names.length === value.length && names.every((name) => isKnown(name, searchable))
  return right ? names : undefined
}

function isKnown(field: string, searchable: Searchable): boolean {
  return searchable.known === undefined || searchable.known.has(field)
}

/** Numbers may come as text, from a query or not. */
function readNumber(value: Json, least: number): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= least ? number : undefined
}
