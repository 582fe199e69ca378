import { invalid } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { Role } from '../../core/role.ts'
import {
  addMember,
  createRole,
  deleteRole,
  getRole,
  listMembers,
  roleIdPattern,
} from '../../operations/manage-roles.ts'
import type { PulpRole } from '../../wire/pulp/role.ts'
import { nullable, text, textLike } from '../kit/body-fields.ts'
import { bodyShape, nested, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, okStream, type Route } from '../kit/route.ts'
import { hrefs, root } from './hrefs.ts'
import { objectId } from './object-id.ts'
import { toPulpOperations } from './operation-names.ts'
import type { PulpServices } from './services.ts'
import { toPulpUser } from './user.ts'

const newRole = bodyShape({
  role_id: required(textLike(roleIdPattern), { absence: 'invalid', doc: 'Unique; never changes.' }),
  display_name: optional(text, { doc: 'The id when it is absent or empty.' }),
  description: optional(text),
})

const delta = bodyShape({
  display_name: optional(text),
  description: optional(nullable(text)),
  id: optional(text, { doc: 'Is not looked at.' }),
})
const changeable = ['display_name', 'description', 'id']
const roleUpdate = bodyShape({ delta: required(nested(delta)) })

const newMember = bodyShape({ login: required(text, { absence: 'invalid' }) })

/** `/roles/` (pulp2-api §12). */
export function roleRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}roles/`
  const single = `${collection}:role/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpRole[]' },
      doc: 'Lists all roles with their members and permissions.',
      handler: async () => okStream((await services.roles.list()).values().map(toPulpRole)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newRole,
      answers: { 201: 'PulpRole' },
      doc: 'Creates a role without members and permissions.',
      handler: (call) => postRole(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpRole' },
      doc: 'Shows one role with its members and permissions.',
      handler: async (call) => ok(toPulpRole(await getRole(services, call.param('role')))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: roleUpdate,
      answers: { 200: 'PulpRole' },
      doc: 'Changes the name or the description of a role.',
      handler: (call) => putRole(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes a role, but not super-users; members lose what it gave and no other of their roles gives.',
      handler: async (call) => {
        await deleteRole(services, call.param('role'))
        return ok(null)
      },
    },
    ...memberRoutes(services, `${single}users/`),
  ]
}

function memberRoutes(services: PulpServices, path: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUser[]' },
      doc: 'Lists the members of a role.',
      handler: async (call) => okStream((await listMembers(services, call.param('role'))).values().map(toPulpUser)),
    },
    {
      method: 'POST',
      path,
      permission: 'update',
      body: 'object',
      shape: newMember,
      answers: { 200: null },
      doc: 'Makes a user a member of a role; they get all that it gives.',
      handler: async (call) => {
        await addMember(services, call.param('role'), newMember.read(call.body).login)
        return ok(null)
      },
    },
    {
      method: 'DELETE',
      path: `${path}:login/`,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Takes a user out of a role, but not the last super-user out of super-users.',
      handler: async (call) => {
        await services.roles.leave(call.param('role'), call.param('login'))
        return ok(null)
      },
    },
  ]
}

async function postRole(services: PulpServices, call: Call) {
  const { role_id, display_name, description } = newRole.read(call.body)
  const wanted = {
    id: role_id,
    ...(display_name !== undefined && { displayName: display_name }),
    ...(description !== undefined && { description }),
  }
  const { users, ...printed } = toPulpRole(await createRole(services, wanted))
  return created(printed, printed._href)
}

async function putRole(services: PulpServices, call: Call) {
  const id = call.param('role')
  await getRole(services, id)
  const { display_name, description } = roleUpdate.read(call.body).delta
  refuseOthers(call.body)
  const change = {
    ...(display_name !== undefined && { displayName: display_name }),
    ...(description !== undefined && { description }),
  }
  return ok(toPulpRole(await services.roles.change(id, change)))
}

/** Without names, unlike every other unknown member (pulp2-api §12). */
function refuseOthers(body: JsonObject): void {
  const written = body['delta']
  const others = isJsonObject(written) ? Object.keys(written).filter((key) => !changeable.includes(key)) : []
  if (others.length > 0) throw invalid(`A role has no ${others.join(', ')} that could be changed`)
}

/** pulp2-api §12. */
function toPulpRole(role: Role): PulpRole {
  const permissions = role.grants.map(({ resource, operations }) => [resource, toPulpOperations(operations)])
  return {
    _id: { $oid: objectId('role', role.created, role.key) },
    _ns: 'roles',
    _href: hrefs.role(role.id),
    id: role.id,
    display_name: role.displayName,
    description: role.description,
    users: [...role.users],
    permissions: Object.fromEntries(permissions),
  }
}
