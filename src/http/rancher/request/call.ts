import type { JsonObject } from '../../../core/json.ts'
import type { Actor } from '../../../core/managed.ts'
import type { Role } from '../schema/role.ts'
import type { Query } from './query.ts'
import type { TargetPath } from './target-path.ts'
import type { Urls } from './urls.ts'

/** Who calls and in which scope (rancher-api §1.6). */
export interface Caller {
  /** Inside a project he is the project. */
  readonly actor: Actor
  /** Whose schemas he sees. */
  readonly role: Role
  /** Owners whose resources he sees; undefined for everybody's. */
  readonly owners: readonly number[] | undefined
  /** The project that he makes things in: his oldest unless he named one; undefined if he has none. */
  readonly home: () => Promise<number | undefined>
}

/** A request that was let in. */
export interface Call {
  /** After `_method`. */
  readonly method: string
  readonly path: TargetPath
  readonly urls: Urls
  readonly query: Query
  readonly caller: Caller
  /** The fields of the body, `{}` for others than POST and PUT; the query and forms come as `parameters`. */
  readonly body: () => Promise<Input>
}

export interface Input {
  readonly fields: JsonObject
  /** Of forms and the query; fields of the body win. */
  readonly parameters: Query
}
