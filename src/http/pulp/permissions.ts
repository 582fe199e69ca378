import type { Grant, ResourceGrants } from '../../core/permission.ts'
import { grantToRole, grantToUser, revokeFromRole, revokeFromUser } from '../../operations/manage-permissions.ts'
import type { PulpPermission } from '../../wire/pulp/permission.ts'
import { type Field, listOf, text } from '../kit/body-fields.ts'
import { bodyShape, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { ok, okStream, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import { objectId } from './object-id.ts'
import { operationName, toPulpOperations } from './operation-names.ts'
import { toResource } from './resource.ts'
import type { PulpServices } from './services.ts'

/** In characters: a key of the database holds 2,700 bytes. */
const longestResource = 600

const resource: Field<string> = {
  schema: { type: 'string', minLength: 1, maxLength: longestResource },
  read: (value) => {
    if (typeof value !== 'string' || value === '' || [...value].length > longestResource) return undefined
    return toResource(value)
  },
}

const grant = {
  resource: required(resource, {
    absence: 'invalid',
    doc: 'A path of this API, with or without its prefix /pulp/api; what is below it is meant too.',
  }),
  operations: required(listOf(operationName), { absence: 'invalid', name: 'operation_names' }),
}
const userGrant = bodyShape({ login: required(text, { absence: 'invalid' }), ...grant })
const roleGrant = bodyShape({ role_id: required(text, { absence: 'invalid' }), ...grant })

/** `/permissions/` (pulp2-api §12). */
export function permissionRoutes(services: PulpServices): readonly Route[] {
  const path = `${root}permissions/`
  const shared = { method: 'POST', permission: 'execute', body: 'object', answers: { 200: null } } as const
  return [
    {
      method: 'GET',
      path,
      permission: 'read',
      body: 'none',
      query: { resource: { doc: 'Only the permission on this resource.', schema: { type: 'string' } } },
      answers: { 200: 'PulpPermission[]' },
      doc: 'Lists who may do what, by resource.',
      handler: (call) => listPermissions(services, call),
    },
    {
      ...shared,
      path: `${path}actions/grant_to_user/`,
      shape: userGrant,
      doc: 'Allows a user to do something to a resource and to all below it.',
      handler: (call) => changeUser(call, (login, given) => grantToUser(services, login, given)),
    },
    {
      ...shared,
      path: `${path}actions/revoke_from_user/`,
      shape: userGrant,
      doc: 'Takes from a user what they may do to a resource, even if a role gave it.',
      handler: (call) => changeUser(call, (login, taken) => revokeFromUser(services, login, taken)),
    },
    {
      ...shared,
      path: `${path}actions/grant_to_role/`,
      shape: roleGrant,
      doc: 'Allows all members of a role to do something to a resource and to all below it.',
      handler: (call) => changeRole(call, (role, given) => grantToRole(services, role, given)),
    },
    {
      ...shared,
      path: `${path}actions/revoke_from_role/`,
      shape: roleGrant,
      doc: 'Takes from a role, and from members to whom no other role gives it, what they may do to a resource.',
      handler: (call) => changeRole(call, (role, taken) => revokeFromRole(services, role, taken)),
    },
  ]
}

async function listPermissions(services: PulpServices, call: Call) {
  const wanted = call.query.get('resource')
  const found = await services.grants.list(wanted === null ? undefined : toResource(wanted))
  return okStream(found.values().map(toPulpPermission))
}

async function changeUser(call: Call, change: (login: string, grant: Grant) => Promise<void>) {
  const { login, ...rest } = userGrant.read(call.body)
  await change(login, rest)
  return ok(null)
}

async function changeRole(call: Call, change: (role: string, grant: Grant) => Promise<void>) {
  const { role_id, ...rest } = roleGrant.read(call.body)
  await change(role_id, rest)
  return ok(null)
}

function toPulpPermission(grants: ResourceGrants): PulpPermission {
  const id = objectId('permission', grants.created, grants.key)
  const users = Object.entries(grants.users).map(([login, operations]) => [login, toPulpOperations(operations)])
  return { _id: { $oid: id }, _ns: 'permissions', id, resource: grants.resource, users: Object.fromEntries(users) }
}
