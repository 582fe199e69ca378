import { type RawBuilder, sql } from 'kysely'
import type { Criteria, SortKey } from '../../core/criteria.ts'
import type { FieldMap } from './searchable.ts'
import { elementsOf, valuesAt } from './value-source.ts'

/** Rows by all sort keys, then by age (`key`). Unknown fields make no difference. */
export function orderBy(
  { sort }: Pick<Criteria, 'sort'>,
  fields: FieldMap,
  key: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const keys = sort.flatMap((sortKey) => orderOf(sortKey, fields) ?? [])
  return sql.join([...keys, key])
}

/** Null is less than everything, as in MongoDB. */
function orderOf({ field, direction }: SortKey, fields: FieldMap): RawBuilder<unknown> | undefined {
  const [name = '', ...path] = field.split('.')
  const searchable = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (searchable === undefined || (searchable.scalar && path.length > 0)) return undefined
  const order = direction === 'ascending' ? sql`ASC NULLS FIRST` : sql`DESC NULLS LAST`
  return sql`${searchable.scalar ? searchable.sort : sortKeyOf(searchable.json, path, order)} ${order}`
}

/**
 * The least, or the greatest, of the values at a path, as a row that sorts as MongoDB sorts: by type (an empty array, null and
 * missing, numbers, text, objects, arrays, booleans, dates), then by value. Objects are all alike, since members have no order here,
 * and so are arrays in arrays.
 */
function sortKeyOf(
  json: RawBuilder<unknown>,
  path: readonly string[],
  order: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const isEmpty = sql`(whole.value = '[]' AND NOT whole.by_index)`
  const parts = sql`SELECT item.value, 1 FROM ${elementsOf(sql`whole.value`)} AS item(value) WHERE NOT whole.by_index
    UNION ALL SELECT whole.value, CASE WHEN ${isEmpty} THEN 0 ELSE 1 END
    WHERE whole.by_index OR jsonb_typeof(whole.value) IS DISTINCT FROM 'array' OR ${isEmpty}`
  return sql`coalesce((SELECT ${rowOf(sql`part.value`, sql`part.rank`)} AS key FROM (${valuesAt(json, path, 0)}) AS whole(value, by_index),
    LATERAL (${parts}) AS part(value, rank) ORDER BY key ${order} LIMIT 1), ${rowOf(sql`NULL::jsonb`, sql`1`)})`
}

function rowOf(value: RawBuilder<unknown>, rank: RawBuilder<unknown>): RawBuilder<unknown> {
  const type = sql`jsonb_typeof(${value})`
  const byType = sql`CASE WHEN ${value} -> '$date' IS NOT NULL THEN 7 ELSE CASE ${type} WHEN 'number' THEN 2
    WHEN 'string' THEN 3 WHEN 'object' THEN 4 WHEN 'array' THEN 5 WHEN 'boolean' THEN 6 ELSE 1 END END`
  const number = sql`CASE WHEN ${type} = 'number' THEN (${value} #>> '{}')::numeric ELSE 0 END`
  const text = sql`coalesce(${value} ->> '$date', CASE WHEN ${type} IN ('string', 'boolean') THEN ${value} #>> '{}' ELSE '' END)`
  return sql`ROW(${rank} * ${byType}, ${number}, ${text} COLLATE "C")`
}
