import { type RawBuilder, sql } from 'kysely'

/** The values at a path: one that is no array, or a query of any number of them with one column `value`. */
export type Source = { readonly scalar: RawBuilder<unknown> } | { readonly values: RawBuilder<unknown> }

/**
 * Descends into a JSON value: into objects by member, into arrays through their elements, and by index where a segment is a
 * number (pulp2-api §4.1, dotted paths).
 */
export function valuesAt(json: RawBuilder<unknown>, path: readonly string[], depth: number): Source {
  let value = json
  const steps = path.map((segment, index) => {
    const name = sql.id(`step${depth}_${index}`)
    const step = sql`LATERAL (${stepInto(value, segment)}) AS ${name}(value)`
    value = sql`${name}.value`
    return step
  })
  if (steps.length === 0) return { values: sql`SELECT ${json}` }
  return { values: sql`SELECT ${value} FROM ${sql.join(steps)}` }
}

/** In jsonpath's lax mode a member of an array is that member of each of its elements. */
function stepInto(value: RawBuilder<unknown>, segment: string): RawBuilder<unknown> {
  const member = sql`SELECT jsonb_path_query(${value}, ${`$.${JSON.stringify(segment)}`}::jsonpath)`
  if (!/^\d{1,6}$/.test(segment)) return member
  const element = sql`(${value}) -> ${Number(segment)}::integer`
  return sql`${member} UNION ALL SELECT ${element} WHERE jsonb_typeof(${value}) = 'array' AND ${element} IS NOT NULL`
}
