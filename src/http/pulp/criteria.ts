import { type Criteria, everything, type Filter, type SortKey } from '../../core/criteria.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { parseJson } from '../kit/json-body.ts'
import { badCriteria } from './bad-criteria.ts'
import { criteriaShape, type Searchable, searchShape, type WrittenCriteria } from './criteria-shape.ts'
import { fromPulpFilters } from './filters.ts'
import { checkObjectIds } from './object-id-filters.ts'

const maxSortKeys = 32
const maxSegments = 20

export interface PulpSearch {
  readonly criteria: Criteria
  /** Members to print; all when absent. */
  readonly fields?: ReadonlySet<string>
}

/** Reads a search by POST. */
export function fromPulpSearchBody(body: JsonObject, searchable: Searchable): PulpSearch {
  return fromPulpCriteria(searchShape(searchable).read(body).criteria, searchable)
}

/** Reads a search by GET. */
export function fromPulpSearchQuery(query: URLSearchParams, searchable: Searchable): PulpSearch {
  const criteria: Record<string, Json> = {}
  for (const [name, value] of query) {
    if (Object.hasOwn(searchable.options, name)) continue
    if (name === 'field') criteria['fields'] = query.getAll('field')
    else if (name === 'fields') throw invalid('Invalid properties: fields; the query calls it field', ['fields'])
    else criteria[name] = name === 'filters' || name === 'sort' ? jsonParameter(name, value) : value
  }
  return fromPulpCriteria(criteriaShape(searchable).read(criteria), searchable)
}

/** A parameter of a query whose value is written as JSON. */
export function jsonParameter(name: string, text: string): Json {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new DeckleError('invalid', `Invalid properties: ${name} is not valid JSON`, { fields: [name] }, { cause })
  }
}

/** Reads criteria that their shape has read. Throws kind `invalid` for what no search can do. */
export function fromPulpCriteria(written: WrittenCriteria, searchable: Searchable): PulpSearch {
  const { filters, sort = [], limit, skip = 0, fields } = written
  return {
    criteria: {
      filter: filters === undefined ? everything : readFilters(filters, searchable),
      sort: readSort(sort),
      skip,
      ...(limit !== undefined && { limit }),
    },
    ...(fields !== undefined && { fields: new Set(fields) }),
  }
}

function readFilters(filters: JsonObject, searchable: Searchable): Filter {
  if (!searchable.objectIds || checkObjectIds(filters)) return fromPulpFilters(filters)
  throw invalid('Invalid properties: filters compare _id with what is no object id', ['filters'])
}

/** Throws kind `invalid`, code `bad-criteria`, for more than a database can be asked to do. */
export function readSort(keys: NonNullable<WrittenCriteria['sort']>): readonly SortKey[] {
  if (keys.length > maxSortKeys) throw badCriteria(`there are more than ${maxSortKeys} keys to sort by`)
  return keys.map(readSortKey)
}

function readSortKey([field, direction]: readonly [string, Json]): SortKey {
  if (field.split('.').length > maxSegments) throw badCriteria(`a field name has more than ${maxSegments} segments`)
  const descending = direction === '-1' || direction === -1 || /^d/i.test(`${direction}`)
  return { field, direction: descending ? 'descending' : 'ascending' }
}
