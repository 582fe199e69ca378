import type { JsonObject } from '../../core/json.ts'
import type { Permission } from '../../core/permission.ts'
import type { Field } from './body-fields.ts'
import type { BodyShape } from './body-shape.ts'
import type { Call } from './call.ts'

/**
 * What a route expects as its body, always read as JSON whatever the content type says. `none` is not even read.
 * `optional` takes an empty body for `{}`; `array` is found in `Call.items`, `any` in `Call.value`. `stream` is the bytes themselves,
 * of any length: in `Call.stream`.
 */
export type BodyRule = 'none' | 'object' | 'optional' | 'array' | 'any' | 'stream'

/** One row of an API's table: everything about a call but its work. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Absolute, ending in a slash; parameters as `:name`. */
  readonly path: string
  /** What a caller must be allowed to do on the path, any of several; `public` asks nobody who they are. */
  readonly permission: Permission | readonly Permission[] | 'public'
  readonly body: BodyRule
  /** What the handler reads the body with: members, rules and their description in one. */
  readonly shape?: BodyShape<unknown>
  /** What the entries of an `array` are. */
  readonly items?: Field<unknown>
  /** Parameters of the query by name, those that `queryShape` reads among them. */
  readonly query?: Readonly<Record<string, QueryParameter>>
  /**
   * What success looks like: status → a schema of the API reference by its name, `Name[]` for a list, null for nothing (JSON's
   * null; no body with 204). A status of a failure stands here only when its body is not the usual one.
   */
  readonly answers?: Readonly<Record<number, string | null>>
  /** An addition of ours that the API's old servers do not have. */
  readonly extension?: true
  /** One sentence for the API reference. */
  readonly doc: string
  readonly handler: (call: Call) => Promise<Answer>
}

export interface QueryParameter {
  /** One sentence for the API reference. */
  readonly doc: string
  /** JSON Schema 2020-12 of one value. */
  readonly schema: JsonObject
  /** It may be given several times. */
  readonly repeated?: true
  /** An addition of ours that the API's old servers do not have. */
  readonly extension?: true
}

/** What a handler answers: a value to print, a collection to stream as an array, or nothing. */
export type Answer = AnswerHead & ({ readonly json: unknown } | { readonly items: Items } | { readonly empty: true })

export type Items = Iterable<unknown> | AsyncIterable<unknown>

interface AnswerHead {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** 200 with a value; `null` is a value too. */
export function ok(json: unknown): Answer {
  return { status: 200, json }
}

/** 200 with an array that is printed while it is read, in bounded memory. */
export function okStream(items: Items): Answer {
  return { status: 200, items }
}

/** 201; `href` is the path of what was made. */
export function created(json: unknown, href: string): Answer {
  return { status: 201, json, headers: { location: href } }
}

/** 202 with the report of what was queued. */
export function accepted(json: unknown): Answer {
  return { status: 202, json }
}

/** The body of a call without one. */
export const emptyBody: JsonObject = {}
