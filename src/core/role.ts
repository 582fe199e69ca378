import type { Grant } from './permission.ts'

/** Users who may do the same. */
export interface Role {
  readonly key: number
  readonly created: Date
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  /** Logins of its members. */
  readonly users: readonly string[]
  readonly grants: readonly Grant[]
}

export type NewRole = Pick<Role, 'id' | 'displayName' | 'description'>

/**
 * Roles, their members and what they give. Members get what the role gives, and lose it with the role unless another of their
 * roles gives it too (pulp2-api §12). Methods throw kind `not-found` with `role` or `login` for what is not there.
 */
export interface RoleStore {
  list(): Promise<readonly Role[]>
  find(id: string): Promise<Role | undefined>
  /** Throws kind `conflict` with `role`. */
  create(role: NewRole): Promise<Role>
  change(id: string, change: Partial<Omit<NewRole, 'id'>>): Promise<Role>
  remove(id: string): Promise<void>
  /** A member stays one. */
  join(id: string, login: string): Promise<void>
  /** Throws kind `invalid` for the last of the super-users. */
  leave(id: string, login: string): Promise<void>
  give(id: string, grant: Grant): Promise<void>
  take(id: string, grant: Grant): Promise<void>
}
