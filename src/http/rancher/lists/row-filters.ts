import type { ResourceColumn, ResourceFilter } from '../../../core/resource.ts'
import { RancherError } from '../errors.ts'
import { parseDate } from '../print/dates.ts'
import { parseId } from '../print/ids.ts'
import type { Modifier } from '../schema/modifiers.ts'
import type { Filterable } from '../schema/type-schema.ts'

type Test = Exclude<Modifier, 'null' | 'notnull'>
type RowField = Exclude<Filterable, { readonly constant: unknown }>

/** The conditions of a filter with a value; `none` when no row can fulfil them, as for an id that is none. */
export function rowFilters(
  name: string,
  field: RowField,
  test: Test,
  text: string,
): readonly ResourceFilter[] | 'none' {
  const value = field.type.startsWith('reference[') || field.type === 'id' ? keyOf(field.type, text) : text
  if (value === undefined) return test === 'ne' ? [] : 'none'
  if ('member' in field) return [{ member: field.member, test: test === 'ne' ? 'ne' : 'eq', value: String(value) }]
  if (field.type === 'date') return dateFilters(field.column, test, dateOf(name, text))
  return [{ column: field.column, test, value }]
}

/** Ids of rows may be bare numbers, since their schema calls them `int`. */
function keyOf(type: string, text: string): number | undefined {
  const bare = type === 'id' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  return bare ?? parseId(text)
}

function dateOf(name: string, text: string): Date {
  const date = parseDate(text)
  if (date !== undefined) return date
  throw RancherError.field('InvalidDateFormat', name, `${name} must look like 2015-11-18T21:03:11Z`)
}

/** Dates are shown in whole seconds, so a whole second means all of it. */
function dateFilters(column: ResourceColumn, test: Test, date: Date): readonly ResourceFilter[] {
  if (date.getTime() % 1000 !== 0) return [{ column, test, value: date }]
  const next = new Date(date.getTime() + 1000)
  if (test === 'eq')
    return [
      { column, test: 'gte', value: date },
      { column, test: 'lt', value: next },
    ]
  if (test === 'gt') return [{ column, test: 'gte', value: next }]
  if (test === 'lte') return [{ column, test: 'lt', value: next }]
  return [{ column, test, value: date }]
}
