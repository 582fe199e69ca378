import type { Json, JsonObject } from '../../core/json.ts'
import type { User } from '../../core/user.ts'
import type { BodyStream } from './body-stream.ts'

interface CallParts {
  readonly method: string
  readonly target: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: JsonObject
  readonly items: readonly Json[]
  readonly value: Json
  readonly stream: BodyStream | undefined
  readonly user: User | undefined
}

/** A request as a handler sees it: decoded, parsed, allowed. */
export class Call {
  readonly method: string
  /** The request target as it came over the wire, with its query string. */
  readonly target: string
  readonly query: URLSearchParams
  /** `{}` when the route takes none or an empty one came. */
  readonly body: JsonObject
  /** The body of a route that takes an array. */
  readonly items: readonly Json[]
  /** The body of a route that takes any value. */
  readonly value: Json
  /** Undefined on public routes, and where a consumer calls who proves himself by his certificate: below his own path, or to read. */
  readonly user: User | undefined
  readonly #stream: BodyStream | undefined
  readonly #params: Readonly<Record<string, string>>

  constructor(parts: CallParts) {
    this.method = parts.method
    this.target = parts.target
    this.query = parts.query
    this.body = parts.body
    this.items = parts.items
    this.value = parts.value
    this.user = parts.user
    this.#stream = parts.stream
    this.#params = parts.params
  }

  /** The body of a route that takes a stream. */
  get stream(): BodyStream {
    if (this.#stream === undefined) throw new RangeError('the route takes no stream')
    return this.#stream
  }

  /** A segment of the path, decoded. */
  param(name: string): string {
    const value = this.#params[name]
    if (value === undefined) throw new RangeError(`the route has no parameter :${name}`)
    return value
  }

  /** True when the query says `true` in any case (python clients send `True`). */
  flag(name: string): boolean {
    return this.query.get(name)?.toLowerCase() === 'true'
  }
}
