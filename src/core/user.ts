import { DeckleError } from './errors.ts'
import type { UserGrant } from './permission.ts'

/** Somebody who may call the APIs. */
export interface User {
  readonly key: number
  readonly created: Date
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
}

/** The role whose members may do everything. It always exists and always has a member. */
export const superUsers = 'super-users'

export interface NewUser {
  readonly login: string
  readonly name: string
  /** Null: cannot log in with a password. */
  readonly passwordHash: string | null
}

export interface UserChange {
  readonly name?: string
  readonly passwordHash?: string
  /** Roles; those that have gone meanwhile are left out. */
  readonly join?: readonly string[]
  readonly leave?: readonly string[]
}

/** Users and what proves them. Secrets go in, never out. */
export interface UserStore {
  /** Makes the user; false when there is one of that login already, who stays as they are. */
  add(user: NewUser & { readonly roles: readonly string[] }): Promise<boolean>
  /** Makes the user a member of the roles, sets the password hash and returns it; one that exists is updated. */
  put(user: NewUser & { readonly roles: readonly string[] }): Promise<User>
  /** With grants to the new user and to others; throws kind `conflict` with `login`. */
  create(user: NewUser, grants: readonly UserGrant[]): Promise<User>
  /** All or nothing; throws kind `not-found` with `login`, and `invalid` when the super-users would lose their last member. */
  change(login: string, change: UserChange): Promise<User>
  /**
   * With its tokens, with all that it may do, and with all that others and roles may do to `resource`. Throws kind `not-found`
   * with `login`, and `invalid` for the last of the super-users.
   */
  remove(login: string, resource: string): Promise<void>
  /** By login; of one role only, if it is given. */
  list(role?: string): Promise<readonly User[]>
  find(login: string): Promise<(User & { readonly passwordHash: string | null }) | undefined>
  /** The owner of an access token, by the token's sha256. */
  findByToken(tokenSha256: string): Promise<User | undefined>
  addToken(login: string, name: string, tokenSha256: string): Promise<void>
}

/** Nobody could undo what takes the last super-user away (pulp2-api §1.6). */
export function lastSuperUser(login: string): DeckleError {
  return new DeckleError('invalid', `${login} is the last member of ${superUsers}; make somebody else one first`)
}
