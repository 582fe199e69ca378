import type { Json, JsonObject } from '../../core/json.ts'
import { anything, type Field, listOf, object, text } from '../kit/body-fields.ts'
import { type BodyShape, bodyShape, nested, optional, required } from '../kit/body-shape.ts'
import { jsonText } from '../kit/query-shape.ts'
import type { QueryParameter } from '../kit/route.ts'

/** What a collection lets its searches say. */
export interface Searchable {
  /** The only names that `sort` and `fields` may have; any when absent. */
  readonly known?: ReadonlySet<string>
  /** `_id` may only be compared in the ways that object ids allow. */
  readonly objectIds: boolean
  /** Switches beside the criteria, in the body of a search by POST and in the query of one by GET. */
  readonly options: Readonly<Record<string, QueryParameter>>
}

/** Criteria as they are written; what `filters` say is looked at later. */
export interface WrittenCriteria {
  readonly filters?: JsonObject
  readonly sort?: readonly (readonly [field: string, direction: Json])[]
  readonly limit?: number
  readonly skip?: number
  readonly fields?: readonly string[]
}

const docs = {
  filters: 'A MongoDB query document.',
  sort: 'Pairs of a field and a direction: ascending, descending, 1, -1.',
  limit: 'How many at most.',
  skip: 'How many of the first to leave out.',
  fields: 'Members to print, beside those that are always there.',
}

/** pulp2-api §4.1. */
export function criteriaShape(searchable: Searchable): BodyShape<WrittenCriteria> {
  const name = fieldName(searchable)
  return bodyShape(
    {
      filters: optional(object, { doc: docs.filters }),
      sort: optional(listOf(sortKey(name)), { doc: docs.sort }),
      limit: optional(numberOrText(1), { doc: docs.limit }),
      skip: optional(numberOrText(0), { doc: docs.skip }),
      fields: optional(listOf(name), { doc: docs.fields }),
    },
    'invalid',
  )
}

/** `{"criteria": {…}, …}`: the body of a search by POST. */
export function searchShape(searchable: Searchable): BodyShape<{ readonly criteria: WrittenCriteria }> {
  const options = Object.entries(searchable.options).map(([name, { doc }]) => [
    name,
    optional(anything, { doc: `${doc} Anything but true is false.` }),
  ])
  const criteria = required(nested(criteriaShape(searchable)))
  const members: { readonly criteria: typeof criteria } = { ...Object.fromEntries(options), criteria }
  return bodyShape(members)
}

/** `?filters=<json>&sort=<json>&limit=&skip=&field=a&field=b`: the query of a search by GET. */
export function searchQuery(searchable: Searchable): Readonly<Record<string, QueryParameter>> {
  const name = fieldName(searchable)
  return {
    filters: { doc: docs.filters, schema: jsonText(object.schema) },
    sort: { doc: docs.sort, schema: jsonText(listOf(sortKey(name)).schema) },
    limit: { doc: docs.limit, schema: { type: 'integer', minimum: 1 } },
    skip: { doc: docs.skip, schema: { type: 'integer', minimum: 0 } },
    field: { doc: docs.fields, schema: name.schema, repeated: true },
    ...searchable.options,
  }
}

function fieldName({ known }: Searchable): Field<string> {
  if (known === undefined) return text
  return {
    schema: { enum: [...known] },
    read: (value) => (typeof value === 'string' && known.has(value) ? value : undefined),
  }
}

const word = /^([aA][sS]|[dD][eE][sS])[cC][eE][nN][dD][iI][nN][gG]$|^-?1$/

/** Written in any case, or as the number that MongoDB takes. */
const direction: Field<Json> = {
  schema: { anyOf: [{ type: 'string', pattern: word.source }, { enum: [1, -1] }] },
  read: (value) =>
    (typeof value === 'string' || typeof value === 'number') && word.test(`${value}`) ? value : undefined,
}

export function sortKey(name: Field<string>): Field<readonly [string, Json]> {
  return {
    schema: { type: 'array', prefixItems: [name.schema, direction.schema], minItems: 2, maxItems: 2 },
    read: (pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) return undefined
      const [field, way] = [name.read(pair[0] ?? null), direction.read(pair[1] ?? null)]
      return field === undefined || way === undefined ? undefined : [field, way]
    },
  }
}

/** Numbers may come as text, from a query or not. */
export function numberOrText(least: 0 | 1): Field<number> {
  const digits = least === 0 ? /^[0-9]{1,15}$/ : /^0{0,14}[1-9][0-9]{0,14}$/
  const most = Number.MAX_SAFE_INTEGER
  return {
    schema: {
      anyOf: [
        { type: 'integer', minimum: least, maximum: most },
        { type: 'string', pattern: digits.source },
      ],
    },
    read: (value) => {
      const number = typeof value === 'string' && digits.test(value) ? Number(value) : value
      return typeof number === 'number' && Number.isSafeInteger(number) && number >= least ? number : undefined
    },
  }
}
