import { type RawBuilder, sql } from 'kysely'
import type { Filter, Test } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import { compileValueTest } from './compile-value-test.ts'
import type { FieldMap, SearchField } from './searchable.ts'
import { type Source, valuesAt } from './value-source.ts'

type Condition = RawBuilder<boolean>

/** What a filter's paths start from: the fields of a row, or one JSON value. */
type Root = { readonly fields: FieldMap } | { readonly value: RawBuilder<unknown> }

/**
 * The condition of a filter, with all that a client wrote as bound parameters. It is true or false for every row, never NULL,
 * so that it can be negated.
 */
export function compileFilter(filter: Filter, fields: FieldMap): Condition {
  return compile(filter, { fields }, 0)
}

function compile(filter: Filter, root: Root, depth: number): Condition {
  if (filter.kind === 'not') return sql`(NOT ${compile(filter.filter, root, depth)})`
  if (filter.kind === 'field') return compileField(filter.path, filter.test, root, depth)
  if (filter.filters.length === 0) return filter.kind === 'all' ? sql`true` : sql`false`
  const conditions = filter.filters.map((one) => compile(one, root, depth))
  return sql`(${sql.join(conditions, filter.kind === 'all' ? sql` AND ` : sql` OR `)})`
}

function compileField(path: readonly string[], test: Test, root: Root, depth: number): Condition {
  if ('value' in root) return compileTest(valuesAt(root.value, path, depth), test, depth)
  const [name = '', ...rest] = path
  const field = Object.hasOwn(root.fields, name) ? root.fields[name] : undefined
  if (field === undefined) return matchesMissing(test) ? sql`true` : sql`false`
  const source = rest.length === 0 && field.scalar ? { scalar: field.json } : valuesAt(field.json, rest, depth)
  const condition = compileTest(source, test, depth)
  const narrow = rest.length === 0 ? narrowed(field, test) : undefined
  return narrow === undefined ? condition : sql`(${narrow} AND ${condition})`
}

function narrowed(field: SearchField, test: Test): Condition | undefined {
  if (test.op === 'equals') return field.narrow?.([test.value])
  return test.op === 'one-of' ? field.narrow?.(test.values) : undefined
}

function compileTest(source: Source, test: Test, depth: number): Condition {
  if (test.op === 'exists') return 'scalar' in source ? sql`true` : sql`EXISTS (${source.values})`
  if (test.op === 'size') return anyValue(source, depth, (value) => hasSize(value, test.size))
  if (test.op === 'element') return anyValue(source, depth, (value) => hasElement(value, test.filter, depth))
  const any = anyElement(source, depth, (value) => compileValueTest(value, test))
  const whole = comparesArrays(test) ? anyValue(source, depth, (value) => compileValueTest(value, test)) : undefined
  const missing = matchesMissing(test) && !('scalar' in source) ? sql`NOT EXISTS (${source.values})` : undefined
  return sql`(${sql.join(
    [any, whole, missing].filter((one) => one !== undefined),
    sql` OR `,
  )})`
}

/** Null is what a missing field equals. */
function matchesMissing(test: Test): boolean {
  if (test.op === 'equals') return test.value === null
  if (test.op === 'one-of') return test.values.includes(null)
  return test.op === 'compare' && test.value === null && test.relation.includes('=')
}

/** Tests that a whole array can pass, not only an element of it. */
function comparesArrays(test: Test): boolean {
  if (test.op === 'equals' || test.op === 'compare') return Array.isArray(test.value)
  if (test.op === 'type') return test.type === 'array'
  return test.op === 'one-of' && test.values.some((value: Json) => Array.isArray(value))
}

type ValueCondition = (value: RawBuilder<unknown>) => Condition

/** One of the values at the path. */
function anyValue(source: Source, depth: number, test: ValueCondition): Condition {
  if ('scalar' in source) return test(source.scalar)
  const name = sql.id(`value${depth}`)
  return sql`EXISTS (SELECT FROM (${source.values}) AS ${name}(value) WHERE ${test(sql`${name}.value`)})`
}

/** One of the values at the path, or of the elements of those that are arrays. */
function anyElement(source: Source, depth: number, test: ValueCondition): Condition {
  if ('scalar' in source) return test(source.scalar)
  const [whole, part] = [sql.id(`value${depth}`), sql.id(`part${depth}`)]
  return sql`EXISTS (SELECT FROM (${source.values}) AS ${whole}(value),
    jsonb_path_query(${whole}.value, '$[*]') AS ${part}(value) WHERE ${test(sql`${part}.value`)})`
}

function hasSize(value: RawBuilder<unknown>, size: number): Condition {
  return sql`CASE WHEN jsonb_typeof(${value}) = 'array' THEN jsonb_array_length(${value}) = ${size} ELSE false END`
}

function hasElement(value: RawBuilder<unknown>, filter: Filter, depth: number): Condition {
  const name = sql.id(`element${depth}`)
  const elements = sql`jsonb_array_elements(CASE WHEN jsonb_typeof(${value}) = 'array' THEN ${value} ELSE '[]' END)`
  const condition = compile(filter, { value: sql`${name}.value` }, depth + 1)
  return sql`EXISTS (SELECT FROM ${elements} AS ${name}(value) WHERE ${condition})`
}
