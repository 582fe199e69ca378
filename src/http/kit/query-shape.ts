import { invalid } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { QueryParameter } from './route.ts'

/** A parameter of a query that is read and described in one place. */
interface Parameter<Value> extends QueryParameter {
  /** The value, undefined when the text does not have its form. */
  read(text: string): Value | undefined
}

type ParametersOf<Values> = { readonly [Name in keyof Values]: Parameter<Values[Name]> }

/** The query of a route as data: the API reference prints `parameters`, `read` takes what they describe. */
export interface QueryShape<Values> {
  readonly parameters: Readonly<Record<string, QueryParameter>>
  /** Absent ones are left out, others are ignored. Throws kind `invalid` that names all parameters at fault. */
  read(query: URLSearchParams): Partial<Values>
}

export function queryShape<Values extends object>(parameters: ParametersOf<Values>): QueryShape<Values> {
  const entries = Object.entries<Parameter<unknown>>(parameters)
  return {
    parameters: Object.fromEntries(entries.map(([name, { doc, schema }]) => [name, { doc, schema }])),
    read: (query) => readParameters(entries, query) as Partial<Values>,
  }
}

function readParameters(entries: readonly [string, Parameter<unknown>][], query: URLSearchParams) {
  const given = entries.flatMap(([name, parameter]) => {
    const text = query.get(name)
    return text === null ? [] : [[name, parameter.read(text)] as const]
  })
  const wrong = given.flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (wrong.length > 0) throw invalid(`Invalid properties: ${wrong.join(', ')}`, wrong)
  return Object.fromEntries(given)
}

/** A parameter that is true when it says `true` in any case, and false otherwise; it is read with `Call.flag`. */
export function flagParameter(doc: string): QueryParameter {
  return { doc, schema: { type: 'boolean', default: false } }
}

/** A value that is written as JSON. */
export function jsonText(schema: JsonObject): JsonObject {
  return { type: 'string', contentMediaType: 'application/json', contentSchema: schema }
}
