import { notFound } from '../../core/errors.ts'
import type { User } from '../../core/user.ts'
import { createUser, deleteUser, loginPattern, updateUser } from '../../operations/manage-users.ts'
import { type Field, listOf, text, textLike } from '../kit/body-fields.ts'
import { bodyShape, nested, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, okStream, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'
import { toPulpUser } from './user.ts'

const password: Field<string> = {
  schema: { type: 'string', minLength: 1 },
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
}

const newUser = bodyShape(
  {
    login: required(textLike(loginPattern), { doc: 'Unique; never changes.' }),
    password: optional(password, { doc: 'Without one, the user cannot log in with a password.' }),
    name: optional(text, { doc: 'For people; the login when it is absent.' }),
  },
  'invalid',
)

const userUpdate = bodyShape({
  delta: required(
    nested(
      bodyShape(
        {
          name: optional(text, { notNull: true }),
          password: optional(password, { notNull: true }),
          roles: optional(listOf(text), {
            notNull: true,
            doc: 'All of the roles of the user from now on. Needs the permission to change the members of each that comes or goes.',
          }),
        },
        'invalid',
      ),
    ),
  ),
})

/** `/users/` without the search (pulp2-api §12). */
export function userRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}users/`
  const single = `${collection}:login/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUser[]' },
      doc: 'Lists all users.',
      handler: async () => okStream((await services.users.list()).values().map(toPulpUser)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newUser,
      answers: { 201: 'PulpNewUser' },
      doc: 'Creates a user who may do nothing but log in and change their own account.',
      handler: (call) => postUser(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUser' },
      doc: 'Shows one user.',
      handler: (call) => showUser(services, call.param('login')),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: userUpdate,
      answers: { 200: 'PulpUser' },
      doc: 'Changes the name, the password or the roles of a user.',
      handler: (call) => putUser(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes a user with their tokens and permissions, but not the last super-user.',
      handler: async (call) => {
        await deleteUser(services, call.param('login'))
        return ok(null)
      },
    },
  ]
}

async function postUser(services: PulpServices, call: Call) {
  const printed = toPulpUser(await createUser(services, callerOf(call), newUser.read(call.body)))
  return created({ ...printed, id: printed._id.$oid }, printed._href)
}

async function showUser(services: PulpServices, login: string) {
  const user = await services.users.find(login)
  if (user === undefined) throw notFound({ login })
  return ok(toPulpUser(user))
}

async function putUser(services: PulpServices, call: Call) {
  const { delta } = userUpdate.read(call.body)
  return ok(toPulpUser(await updateUser(services, callerOf(call), call.param('login'), delta)))
}

function callerOf(call: Call): User {
  if (call.user === undefined) throw new RangeError('a public route has no caller')
  return call.user
}
