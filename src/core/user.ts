/** Somebody who may call the APIs. */
export interface User {
  readonly key: number
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
}

/** The role whose members may do everything. It always exists. */
export const superUsers = 'super-users'

/** Users and what proves them. Secrets go in, never out. */
export interface UserStore {
  /** Makes the user; false when there is one of that login already, who stays as they are. */
  add(user: { login: string; name: string; passwordHash: string; roles: readonly string[] }): Promise<boolean>
  /** Makes the user a member of the roles, sets the password hash and returns it; one that exists is updated. */
  put(user: { login: string; name: string; passwordHash: string; roles: readonly string[] }): Promise<User>
  find(login: string): Promise<(User & { readonly passwordHash: string }) | undefined>
  /** The owner of an access token, by the token's sha256. */
  findByToken(tokenSha256: string): Promise<User | undefined>
  addToken(login: string, name: string, tokenSha256: string): Promise<void>
}
