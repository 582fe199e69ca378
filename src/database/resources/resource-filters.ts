import { type RawBuilder, sql } from 'kysely'
import type { ResourceFilter, ResourceQuery } from '../../core/resource.ts'
import { resourceColumns } from './resource-rows.ts'

type Condition = RawBuilder<boolean>
type ColumnTest = Extract<ResourceFilter, { readonly column: string; readonly value: unknown }>

const never: Condition = sql<boolean>`false`

const operators = { eq: sql`=`, ne: sql`<>`, lt: sql`<`, lte: sql`<=`, gt: sql`>`, gte: sql`>=` }

/** The filter as SQL with bound values. A value that its column cannot hold is equal, unequal, less and greater to nothing. */
export function filterCondition(filter: ResourceFilter): Condition {
  const operand = 'member' in filter ? memberText(filter.member) : columnOf(filter.column)
  if (!('value' in filter)) return filter.test === 'null' ? sql`${operand} IS NULL` : sql`${operand} IS NOT NULL`
  if ('column' in filter) return columnCondition(filter, operand)
  return isText(filter.value) ? sql`${operand} ${operators[filter.test]} ${filter.value}` : never
}

/** Text by code point, as the columns compare it; null comes last, and first when descending. */
export function resourceOrder(sort: ResourceQuery['sort']): RawBuilder<unknown> {
  const direction = sort?.descending === true ? sql`DESC` : sql`ASC`
  const byKey = sql`${columnOf('key')} ${direction}`
  return sort === undefined || sort.column === 'key' ? byKey : sql`${columnOf(sort.column)} ${direction}, ${byKey}`
}

function columnCondition({ column, test, value }: ColumnTest, operand: RawBuilder<unknown>): Condition {
  const { type } = resourceColumns[column]
  if (test === 'prefix') return type === 'text' && isText(value) ? sql`starts_with(${operand}, ${value})` : never
  if (test === 'like' || test === 'notlike') {
    if (type !== 'text' || !isText(value)) return never
    // Without an escape character: a backslash is one like any other.
    return sql`${operand} ${test === 'like' ? sql`LIKE` : sql`NOT LIKE`} ${value} ESCAPE ''`
  }
  return holds[type](value) ? sql`${operand} ${operators[test]} ${value}` : never
}

const holds = {
  number: (value: unknown) => Number.isSafeInteger(value),
  text: isText,
  date: (value: unknown) => value instanceof Date && Math.abs(value.getTime()) < 8e13,
}

/** PostgreSQL has no NUL in a text, so nothing is like one. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function columnOf(column: keyof typeof resourceColumns): RawBuilder<unknown> {
  return sql.ref(`resource.${resourceColumns[column].name}`)
}

function memberText(member: string): RawBuilder<unknown> {
  return isText(member) ? sql`(resource.data ->> ${member})` : sql`NULL::text`
}
