import type { ResourceFilter, ResourceType } from '../../../core/resource.ts'
import type { RancherCondition } from '../../../wire/rancher/collection.ts'
import { isStorableText } from '../../kit/json-body.ts'
import { inOrder } from '../print/print-schema.ts'
import type { Query } from '../request/query.ts'
import { type Modifier, modifiersOf } from '../schema/modifiers.ts'
import type { Filterable, TypeSchema } from '../schema/type-schema.ts'
import { fitsConstant } from './fits-constant.ts'
import { rowFilters } from './row-filters.ts'

/** What a query asks of a list. */
export interface Filters {
  /** As answers repeat it. */
  readonly echo: Readonly<Record<string, readonly RancherCondition[] | null>>
  /** Stored types that may fulfil it; none: nothing does. */
  readonly types: readonly ResourceType[]
  readonly rows: readonly ResourceFilter[]
}

interface Condition {
  readonly name: string
  readonly field: Filterable
  readonly modifier: Modifier
  readonly value: string
}

/** All of `<field>[_<modifier>]=value`; unknown fields and modifiers are ignored (rancher-api §1.10). Throws 422 `InvalidDateFormat`. */
export function readFilters(schema: TypeSchema, query: Query): Filters {
  const asked = query.entries.flatMap(([key, value]) => readCondition(schema, key, value))
  const rows = asked.map(toRows)
  const possible = rows.every((one) => one !== 'none')
  return {
    echo: echoOf(schema, asked),
    types: possible ? schema.stored.filter((type) => asked.every((one) => mayFulfil(type, one))) : [],
    rows: rows.flatMap((one) => (one === 'none' ? [] : one)),
  }
}

function readCondition(schema: TypeSchema, key: string, value: string): readonly Condition[] {
  const at = key.lastIndexOf('_')
  const name = at < 0 ? key : key.slice(0, at)
  const field = Object.hasOwn(schema.filters, name) ? schema.filters[name] : undefined
  if (field === undefined) return []
  const modifier = modifiersOf(field).find((one) => one === (at < 0 ? 'eq' : key.slice(at + 1)))
  return modifier === undefined ? [] : [{ name, field, modifier, value }]
}

function echoOf(schema: TypeSchema, asked: readonly Condition[]): Filters['echo'] {
  const byName = Map.groupBy(asked, ({ name }) => name)
  return Object.fromEntries(inOrder(schema.filters).map(([name]) => [name, byName.get(name)?.map(print) ?? null]))
}

function print({ modifier, value }: Condition): RancherCondition {
  return { value: modifier.endsWith('null') ? null : value, modifier }
}

function mayFulfil(type: ResourceType, { field, modifier, value }: Condition): boolean {
  return !('constant' in field) || fitsConstant(field.constant(type), modifier, value)
}

/** `none`: no row can fulfil it. */
function toRows({ name, field, modifier, value }: Condition): readonly ResourceFilter[] | 'none' {
  if ('constant' in field) return []
  if (modifier === 'null' || modifier === 'notnull') {
    return 'member' in field ? [{ member: field.member, test: modifier }] : [{ column: field.column, test: modifier }]
  }
  return isStorableText(value) ? rowFilters(name, field, modifier, value) : 'none'
}
