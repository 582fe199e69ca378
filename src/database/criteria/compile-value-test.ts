import { type RawBuilder, sql } from 'kysely'
import type { Test, ValueType } from '../../core/criteria.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import { toPostgresPattern } from './regular-expression.ts'

type Condition = RawBuilder<boolean>
type ValueTest = Exclude<Test, { op: 'exists' | 'size' | 'element' }>

/** Whether one JSON value passes a test; never NULL. */
export function compileValueTest(value: RawBuilder<unknown>, test: ValueTest): Condition {
  switch (test.op) {
    case 'equals':
      return sql`(${value} = ${JSON.stringify(test.value)}::jsonb)`
    case 'one-of':
      return sql`(${value} = ANY(${test.values.map((one) => JSON.stringify(one))}::jsonb[]))`
    case 'compare':
      return compareWith(value, test.relation, test.value)
    case 'matches':
      return ofType(value, 'string', matches(textOf(value), pattern(test)))
    case 'remainder':
      return ofType(value, 'number', hasRemainder(sql`trunc(${textOf(value)}::numeric)`, test))
    case 'type':
      return hasType(value, test.type)
  }
}

/** In the collation "C" the names of classes mean ASCII, as in PCRE, whatever the collation of the database. */
export function matches(text: RawBuilder<unknown>, pattern: RawBuilder<unknown>): Condition {
  return sql`(${text} COLLATE "C" ~ ${pattern})`
}

function pattern({ pattern, options }: Extract<Test, { op: 'matches' }>): RawBuilder<unknown> {
  return sql`${toPostgresPattern(pattern, options)}::text`
}

/** Of numbers that fit 64 bits. */
function hasRemainder(value: RawBuilder<unknown>, test: Extract<Test, { op: 'remainder' }>): Condition {
  const fits = sql`abs(${value}) < 9223372036854775808`
  return sql`(${fits} AND ${value} % ${test.divisor}::numeric = ${test.remainder}::numeric)`
}

/** Text and dates byte by byte, whatever the collation of the database; everything else as JSON compares. */
function compareWith(value: RawBuilder<unknown>, relation: '>' | '>=' | '<' | '<=', operand: Json): Condition {
  const operator = sql.raw(relation)
  if (typeof operand === 'string') {
    return ofType(value, 'string', sql`${textOf(value)} COLLATE "C" ${operator} ${operand}`)
  }
  const date = isJsonObject(operand) ? operand['$date'] : undefined
  if (typeof date === 'string') {
    return ofType(value, 'object', sql`coalesce((${value} ->> '$date') COLLATE "C" ${operator} ${date}, false)`)
  }
  return sql`(jsonb_typeof(${value}) = ${jsonType(operand)} AND ${value} ${operator} ${JSON.stringify(operand)}::jsonb)`
}

function hasType(value: RawBuilder<unknown>, type: ValueType): Condition {
  const isDate = sql<boolean>`(${value} -> '$date') IS NOT NULL`
  if (type === 'date') return isDate
  const same = sql<boolean>`jsonb_typeof(${value}) = ${type}`
  return type === 'object' ? sql`(${same} AND NOT ${isDate})` : same
}

/** Evaluated only for values of the type. */
function ofType(value: RawBuilder<unknown>, type: string, condition: RawBuilder<unknown>): Condition {
  return sql`CASE WHEN jsonb_typeof(${value}) = ${type} THEN ${condition} ELSE false END`
}

function textOf(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${value} #>> '{}')`
}

function jsonType(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
