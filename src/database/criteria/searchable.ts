import { type RawBuilder, sql } from 'kysely'
import type { Json } from '../../core/json.ts'

/** A field that searches may name, as the database computes it. */
export interface SearchField {
  /** SQL's NULL where it is missing, which fields that are `scalar` never are. Dates are `{"$date": …}`, as criteria write them. */
  readonly json: RawBuilder<unknown>
  /** What to order by a field that is `scalar`; of others a key is made of `json`. */
  readonly sort: RawBuilder<unknown>
  /** True when the value can be neither array nor object. */
  readonly scalar: boolean
  /** A condition for an index, true for every row whose field equals, or contains, one of `values`. */
  readonly narrow?: (values: readonly Json[]) => RawBuilder<boolean> | undefined
}

/** Field names of the wire → how to compute them. */
export type FieldMap = Readonly<Record<string, SearchField>>

export function textField(text: RawBuilder<unknown>, narrow?: SearchField['narrow']): SearchField {
  const json = sql`coalesce(to_jsonb((${text})::text), 'null')`
  return { json, sort: sql`(${text})::text COLLATE "C"`, scalar: true, ...(narrow !== undefined && { narrow }) }
}

/** A text that names something, which an index finds. */
export function nameField(name: RawBuilder<unknown>): SearchField {
  return textField(name, (values) => oneOf(name, values, (text) => text, 'text'))
}

export function booleanField(value: RawBuilder<unknown>): SearchField {
  return { json: sql`to_jsonb(${value})`, sort: value, scalar: true }
}

/** Compared to the second, as it is printed. */
export function dateField(date: RawBuilder<unknown>): SearchField {
  const text = sql`to_char(${date} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`
  const json = sql`CASE WHEN ${date} IS NULL THEN 'null' ELSE jsonb_build_object('$date', ${text}) END`
  return { json, sort: date, scalar: true }
}

/** A date that the API keeps as text: searched by the text that it prints. */
export function dateTextField(date: RawBuilder<unknown>): SearchField {
  return textField(sql`to_char(${date} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
}

export function jsonField(json: RawBuilder<unknown>, narrow?: SearchField['narrow']): SearchField {
  const value = sql`coalesce(${json}, 'null')`
  return {
    json: value,
    sort: value,
    scalar: false,
    ...(narrow !== undefined && { narrow }),
  }
}

/** The id that the API derives from a row (`http/pulp/object-id.ts`). */
export function objectIdField(created: RawBuilder<unknown>, key: RawBuilder<unknown>, kindTag: string): SearchField {
  const seconds = sql`lpad(to_hex(floor(extract(epoch FROM ${created}))::bigint), 8, '0')`
  const row = sql`lpad(to_hex((${key})::bigint), 12, '0')`
  const narrow = (values: readonly Json[]) => oneOf(key, values, objectIdKey, 'bigint')
  return textField(sql`${seconds} || ${kindTag}::text || ${row}`, narrow)
}

function objectIdKey(value: string): number | undefined {
  if (!/^[0-9a-f]{24}$/.test(value)) return undefined
  const key = Number.parseInt(value.slice(12), 16)
  return Number.isSafeInteger(key) ? key : undefined
}

/** Narrows by the column itself: text that `read` cannot make a value of is in no row. */
export function oneOf(
  column: RawBuilder<unknown>,
  values: readonly Json[],
  read: (text: string) => string | number | undefined,
  type: 'text' | 'uuid' | 'bigint',
): RawBuilder<boolean> | undefined {
  if (values.includes(null)) return undefined
  const known = values.flatMap((value) => (typeof value === 'string' ? (read(value) ?? []) : []))
  if (known.length === 1) return sql<boolean>`${column} = ${known[0]}::${sql.raw(type)}`
  return sql<boolean>`${column} = ANY(${known}::${sql.raw(type)}[])`
}
