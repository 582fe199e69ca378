import { invalid, notFound } from '../core/errors.ts'
import { permissions, roleResource, type UserGrant, userResource } from '../core/permission.ts'
import type { User } from '../core/user.ts'
import type { AccessServices } from './access-services.ts'
import { authorize } from './authorize.ts'
import { hashPassword } from './passwords.ts'

/** pulp2-api §1.2; the length is ours, since a login is a key of the database. */
export const loginPattern = /^[.\-_A-Za-z0-9@]{1,255}$/

export interface WantedUser {
  /** Of `loginPattern`. */
  readonly login: string
  /** The login when absent. */
  readonly name?: string
  /** Not empty. Without one, nobody can log in as this user with a password. */
  readonly password?: string
}

/** Makes a user who may log in and see to their own account; the creator may do everything to it (pulp2-api §1.6). */
export async function createUser(
  services: Pick<AccessServices, 'users'>,
  creator: User,
  { login, name = login, password }: WantedUser,
): Promise<User> {
  const own = ['/v2/actions/login/', '/v2/actions/logout/', userResource(login)]
  const grants: readonly UserGrant[] = [
    ...own.map((resource) => ({ login, resource, operations: ['read', 'update'] as const })),
    { login: creator.login, resource: userResource(login), operations: permissions },
  ]
  const passwordHash = password === undefined ? null : await hashPassword(password)
  return services.users.create({ login, name, passwordHash }, grants)
}

export interface UserUpdate {
  readonly name?: string
  /** Not empty. */
  readonly password?: string
  /** All that the user is to be a member of. */
  readonly roles?: readonly string[]
}

/**
 * Changes a user. Whoever changes the roles of a user must be allowed to change the members of each of these roles: everybody may
 * update their own account, and would be a super-user with the next call otherwise.
 */
export async function updateUser(
  services: AccessServices,
  actor: User,
  login: string,
  { name, password, roles }: UserUpdate,
): Promise<User> {
  const user = await services.users.find(login)
  if (user === undefined) throw notFound({ login })
  const { join, leave } = await compareRoles(services, user, roles ?? user.roles)
  for (const role of join) await authorize(services.grants, actor, ['update'], `${roleResource(role)}users/`)
  for (const role of leave) await authorize(services.grants, actor, ['delete'], `${roleResource(role)}users/${login}/`)
  const change = {
    ...(name !== undefined && { name }),
    ...(password !== undefined && { passwordHash: await hashPassword(password) }),
  }
  return services.users.change(login, { ...change, join, leave })
}

async function compareRoles(services: AccessServices, user: User, roles: readonly string[]) {
  const join = [...new Set(roles)].filter((role) => !user.roles.includes(role))
  for (const role of join) {
    if ((await services.roles.find(role)) === undefined) throw invalid(`there is no role ${role}`, ['roles'])
  }
  return { join, leave: user.roles.filter((role) => !roles.includes(role)) }
}

/** Deletes a user with its tokens and all that it may do. Throws kind `invalid` for the last of the super-users. */
export async function deleteUser(services: Pick<AccessServices, 'users'>, login: string): Promise<void> {
  await services.users.remove(login, userResource(login))
}
