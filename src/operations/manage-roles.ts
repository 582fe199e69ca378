import { DeckleError, invalid, notFound } from '../core/errors.ts'
import type { NewRole, Role } from '../core/role.ts'
import { superUsers, type User } from '../core/user.ts'
import type { AccessServices } from './access-services.ts'

/** pulp2-api §1.2; the length is ours, since an id is a key of the database. */
export const roleIdPattern = /^[-_A-Za-z0-9]{1,255}$/

export interface WantedRole {
  /** Of `roleIdPattern`. */
  readonly id: string
  /** The id when it is absent or empty. */
  readonly displayName?: string
  readonly description?: string | null
}

type RoleServices = Pick<AccessServices, 'roles' | 'users'>

export async function createRole(
  services: Pick<AccessServices, 'roles'>,
  { id, displayName = '', description = null }: WantedRole,
): Promise<Role> {
  const role: NewRole = { id, displayName: displayName === '' ? id : displayName, description }
  return services.roles.create(role)
}

/** Throws kind `not-found` with `role`. */
export async function getRole(services: Pick<AccessServices, 'roles'>, id: string): Promise<Role> {
  const role = await services.roles.find(id)
  if (role === undefined) throw notFound({ role: id })
  return role
}

/** Its members lose what it gave, unless another of their roles gives it too. */
export async function deleteRole(services: Pick<AccessServices, 'roles'>, id: string): Promise<void> {
  refuseSuperUsers(id)
  await services.roles.remove(id)
}

export async function listMembers(services: RoleServices, id: string): Promise<readonly User[]> {
  await getRole(services, id)
  return services.users.list(id)
}

/** Throws kind `invalid` with `login` for a user that there is not. */
export async function addMember(services: RoleServices, id: string, login: string): Promise<void> {
  await getRole(services, id)
  if ((await services.users.find(login)) === undefined) throw invalid(`there is no user ${login}`, ['login'])
  await services.roles.join(id, login)
}

/** What super-users may do is theirs for good (pulp2-api §1.6). */
export function refuseSuperUsers(id: string): void {
  if (id !== superUsers) return
  throw new DeckleError('invalid', `The role ${superUsers} cannot be deleted, and its permissions cannot be changed`)
}
