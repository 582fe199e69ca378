import { invalid } from '../core/errors.ts'
import type { Grant } from '../core/permission.ts'
import type { AccessServices } from './access-services.ts'
import { refuseSuperUsers } from './manage-roles.ts'

/** Throws kind `invalid` with `login` for a user that there is not. */
export async function grantToUser(services: AccessServices, login: string, grant: Grant): Promise<void> {
  await requireUser(services, login)
  await services.grants.give({ ...grant, login })
}

/** Also takes what a role gave to the user, until the role gives it again. */
export async function revokeFromUser(services: AccessServices, login: string, grant: Grant): Promise<void> {
  await requireUser(services, login)
  await services.grants.take({ ...grant, login })
}

/** Throws kind `invalid`: with `role_id` for a role that there is not, and for the super-users. */
export async function grantToRole(services: AccessServices, id: string, grant: Grant): Promise<void> {
  await requireRole(services, id)
  await services.roles.give(id, grant)
}

/** Throws as `grantToRole` does. */
export async function revokeFromRole(services: AccessServices, id: string, grant: Grant): Promise<void> {
  await requireRole(services, id)
  await services.roles.take(id, grant)
}

async function requireUser(services: AccessServices, login: string): Promise<void> {
  if ((await services.users.find(login)) === undefined) throw invalid(`there is no user ${login}`, ['login'])
}

async function requireRole(services: AccessServices, id: string): Promise<void> {
  refuseSuperUsers(id)
  if ((await services.roles.find(id)) === undefined) throw invalid(`there is no role ${id}`, ['role_id'])
}
