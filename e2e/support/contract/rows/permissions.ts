import assert from 'node:assert/strict'
import { listAt, refused, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/permissions/'
const resource = '/v2/repositories/'

/** Who is granted something: a user by the login, a role by its id. */
async function grantee(world: World, kind: 'user' | 'role'): Promise<object> {
  const name = world.name(kind)
  const made = kind === 'user' ? { login: name, password: 'a long password' } : { role_id: name }
  await world.make('POST', `${kind}s/`, made)
  return kind === 'user' ? { login: name } : { role_id: name }
}

/** pulp2-api §12: permissions. */
export const permissions: readonly Operation[] = [
  {
    section: '§12',
    method: 'GET',
    path: base,
    does: 'List the permissions, all or those on a resource',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with those on a resource',
        arrange: async (world) => {
          const user = await grantee(world, 'user')
          await world.make('POST', 'permissions/actions/grant_to_user/', { ...user, resource, operations: ['READ'] })
          return { query: `resource=${resource}`, at: { login: String(valueAt(user, 'login')) } }
        },
        check: ({ answer, wanted }) => {
          assert.equal(listAt(answer.body).length, 1)
          assert.deepEqual(valueAt(answer.body, 0, 'users', String(wanted.at?.['login'])), ['READ'])
        },
      },
      {
        status: 200,
        when: 'with an empty list for a resource that nobody was granted',
        arrange: () => ({ query: 'resource=/v2/nothing/' }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
    ],
  },
  ...(['grant_to', 'revoke_from'] as const).flatMap((verb) => [action(verb, 'user'), action(verb, 'role')]),
]

function action(verb: 'grant_to' | 'revoke_from', kind: 'user' | 'role'): Operation {
  const done = verb === 'grant_to' ? 'Grant permissions to' : 'Revoke permissions from'
  return {
    section: '§12',
    method: 'POST',
    path: `${base}actions/${verb}_${kind}/`,
    does: `${done} a ${kind}`,
    rights: ['execute'],
    cases: [
      {
        status: 200,
        when: `for a ${kind}`,
        arrange: async (world) => ({
          body: { ...(await grantee(world, kind)), resource, operations: ['read', 'EXECUTE'] },
        }),
        check: saysNothing,
      },
      refused(
        'without operations',
        'PLP0015',
        async (world) => ({ body: { ...(await grantee(world, kind)), resource } }),
        ['operation_names'],
      ),
      refused('for an operation that is none', 'PLP0015', async (world) => ({
        body: { ...(await grantee(world, kind)), resource, operations: ['FLY'] },
      })),
    ],
  }
}
