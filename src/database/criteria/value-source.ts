import { type RawBuilder, sql } from 'kysely'

/**
 * Descends into a JSON value as MongoDB does (pulp2-api §4.1, dotted paths): into objects by member, into arrays through those of
 * their elements that are objects, and by index where a segment is a number. Elements that are no objects lead nowhere. A query of
 * any number of values with the columns `value`, NULL where the path leads to nothing, and `by_index`, true for an element that
 * was named by its index and so stands for itself only.
 */
export function valuesAt(json: RawBuilder<unknown>, path: readonly string[], depth: number): RawBuilder<unknown> {
  let last = stepName(depth, 0)
  const steps = [sql`(SELECT ${json}, false) AS ${last}(value, by_index)`]
  path.forEach((segment, index) => {
    const next = stepName(depth, index + 1)
    steps.push(sql`LATERAL (${stepInto(last, segment)}) AS ${next}(value, by_index)`)
    last = next
  })
  return sql`SELECT ${last}.value, ${last}.by_index FROM ${sql.join(steps)}`
}

function stepName(depth: number, index: number): RawBuilder<unknown> {
  return sql.id(`step${depth}_${index}`)
}

function stepInto(from: RawBuilder<unknown>, segment: string): RawBuilder<unknown> {
  const value = sql`${from}.value`
  const member = sql`SELECT ${value} -> ${segment}::text, false
    WHERE ${typeOf(value)} = 'object' OR ${typeOf(value)} <> 'array' AND NOT ${from}.by_index`
  const members = sql`SELECT item.value -> ${segment}::text, false
    FROM ${elementsOf(value)} AS item(value) WHERE jsonb_typeof(item.value) = 'object'`
  if (!/^(0|[1-9]\d{0,5})$/.test(segment)) return sql`${member} UNION ALL ${members}`
  const element = sql`${value} -> ${Number(segment)}::integer`
  return sql`${member} UNION ALL ${members}
    UNION ALL SELECT ${element}, true WHERE ${typeOf(value)} = 'array' AND (${element}) IS NOT NULL`
}

/** What is missing has no member either. */
function typeOf(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce(jsonb_typeof(${value}), 'missing')`
}

/** The elements of a value, none when it is no array; for FROM. */
export function elementsOf(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`jsonb_array_elements(CASE WHEN jsonb_typeof(${value}) = 'array' THEN ${value} ELSE '[]' END)`
}

/** What conditions look at: each value, and the elements of those that are arrays; a query with one column `value`. */
export function candidatesOf(values: RawBuilder<unknown>, depth: number): RawBuilder<unknown> {
  const whole = sql.id(`whole${depth}`)
  return sql`SELECT part.value FROM (${values}) AS ${whole}(value, by_index), LATERAL (SELECT ${whole}.value
    UNION ALL SELECT item.value FROM ${elementsOf(sql`${whole}.value`)} AS item(value) WHERE NOT ${whole}.by_index
  ) AS part(value)`
}
