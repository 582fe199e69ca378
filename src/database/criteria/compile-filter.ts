import { type RawBuilder, sql } from 'kysely'
import type { Filter, Test } from '../../core/criteria.ts'
import { compileValueTest } from './compile-value-test.ts'
import type { FieldMap, SearchField } from './searchable.ts'
import { candidatesOf, elementsOf, valuesAt } from './value-source.ts'

type Condition = RawBuilder<boolean>

/** What a filter's paths start from: the fields of a row, or one JSON value. */
type Root = { readonly fields: FieldMap } | { readonly value: RawBuilder<unknown> }

/** The values at a path: one that stands for itself only, or a query of any number of them (`valuesAt`). */
type Source = { readonly scalar: RawBuilder<unknown> } | { readonly values: RawBuilder<unknown> }

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
  if ('value' in root) {
    const itself = path.length === 0 ? { scalar: root.value } : { values: valuesAt(root.value, path, depth) }
    return compileTest(itself, test, depth)
  }
  const [name = '', ...rest] = path
  const field = Object.hasOwn(root.fields, name) ? root.fields[name] : undefined
  if (field === undefined) return matchesMissing(test) ? sql`true` : sql`false`
  const source =
    rest.length === 0 && field.scalar ? { scalar: field.json } : { values: valuesAt(field.json, rest, depth) }
  const condition = compileTest(source, test, depth)
  const narrow = rest.length === 0 ? narrowed(field, test) : undefined
  return narrow === undefined ? condition : sql`(${narrow} AND ${condition})`
}

function narrowed(field: SearchField, test: Test): Condition | undefined {
  if (test.op === 'equals') return field.narrow?.([test.value])
  return test.op === 'one-of' ? field.narrow?.(test.values) : undefined
}

function compileTest(source: Source, test: Test, depth: number): Condition {
  if (test.op === 'exists') return anyValue(source, depth, (value) => sql`(${value} IS NOT NULL)`)
  if (test.op === 'size') return anyValue(source, depth, (value) => hasSize(value, test.size))
  if (test.op === 'element') return anyValue(source, depth, (value) => hasElement(value, test, depth))
  return anyCandidate(source, depth, (value) => {
    const condition = compileValueTest(value, test)
    return matchesMissing(test) ? sql`(${value} IS NULL OR ${condition})` : condition
  })
}

/** Null is what a missing field equals. */
function matchesMissing(test: Test): boolean {
  if (test.op === 'equals') return test.value === null
  if (test.op === 'one-of') return test.values.includes(null)
  return test.op === 'compare' && test.value === null && test.relation.includes('=')
}

type ValueCondition = (value: RawBuilder<unknown>) => Condition

/** One of the values at the path. */
function anyValue(source: Source, depth: number, test: ValueCondition): Condition {
  if ('scalar' in source) return test(source.scalar)
  const name = sql.id(`value${depth}`)
  return sql`EXISTS (SELECT FROM (${source.values}) AS ${name}(value, by_index) WHERE ${test(sql`${name}.value`)})`
}

/** One of the values at the path, or of the elements of those that are arrays. */
function anyCandidate(source: Source, depth: number, test: ValueCondition): Condition {
  if ('scalar' in source) return test(source.scalar)
  const name = sql.id(`value${depth}`)
  const candidates = candidatesOf(source.values, depth)
  return sql`EXISTS (SELECT FROM (${candidates}) AS ${name}(value) WHERE ${test(sql`${name}.value`)})`
}

function hasSize(value: RawBuilder<unknown>, size: number): Condition {
  return sql`CASE WHEN jsonb_typeof(${value}) = 'array' THEN jsonb_array_length(${value}) = ${size} ELSE false END`
}

function hasElement(value: RawBuilder<unknown>, test: Extract<Test, { op: 'element' }>, depth: number): Condition {
  const name = sql.id(`element${depth}`)
  const condition = compile(test.filter, { value: sql`${name}.value` }, depth + 1)
  if (test.of === 'values') return sql`EXISTS (SELECT FROM ${elementsOf(value)} AS ${name}(value) WHERE ${condition})`
  return sql`EXISTS (SELECT FROM ${elementsOf(value)} AS item(value), LATERAL (${asObject(sql`item.value`)}) AS ${name}(value)
    WHERE ${name}.value IS NOT NULL AND ${condition})`
}

/** An array is an object whose keys are its indexes; scalars are none, so NULL. */
function asObject(value: RawBuilder<unknown>): RawBuilder<unknown> {
  const numbered = sql`jsonb_array_elements(${value}) WITH ORDINALITY AS member(value, number)`
  const object = sql`coalesce((SELECT jsonb_object_agg(member.number - 1, member.value) FROM ${numbered}), '{}')`
  return sql`SELECT CASE jsonb_typeof(${value}) WHEN 'object' THEN ${value} WHEN 'array' THEN ${object} END`
}
