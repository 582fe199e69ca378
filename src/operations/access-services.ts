import type { GrantStore } from '../core/permission.ts'
import type { RoleStore } from '../core/role.ts'
import type { UserStore } from '../core/user.ts'

/** What changes of users, roles and grants need. */
export interface AccessServices {
  readonly users: UserStore
  readonly roles: RoleStore
  readonly grants: GrantStore
}
