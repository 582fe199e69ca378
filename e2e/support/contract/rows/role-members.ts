import assert from 'node:assert/strict'
import { missing, refused, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { aRole, worn } from '../scenes.ts'

const base = '/pulp/api/v2/roles/'

/** pulp2-api §12: who has a role. */
export const roleMembers: readonly Operation[] = [
  {
    section: '§12',
    method: 'GET',
    path: `${base}<role_id>/users/`,
    does: 'List the users of a role',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for a role with one',
        arrange: async (world) => ({ at: await worn(world) }),
        check: ({ answer, wanted }) => assert.equal(valueAt(answer.body, 0, 'login'), wanted.at?.['login']),
      },
      missing('a role', () => ({ at: { role_id: 'no' } }), { resource_id: 'no' }),
    ],
  },
  {
    section: '§12',
    method: 'POST',
    path: `${base}<role_id>/users/`,
    does: 'Give a role to a user',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'for a user that has it already, too',
        arrange: async (world) => {
          const { role_id, login } = await worn(world)
          return { at: { role_id }, body: { login } }
        },
        check: saysNothing,
      },
      refused('for a user who is missing', 'PLP0015', async (world) => ({
        at: await aRole(world),
        body: { login: 'no' },
      })),
      missing('a role', () => ({ at: { role_id: 'no' }, body: { login: 'admin' } }), { resource_id: 'no' }),
    ],
  },
  {
    section: '§12',
    method: 'DELETE',
    path: `${base}<role_id>/users/<login>/`,
    does: 'Take a role from a user',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a user that has it',
        arrange: async (world) => ({ at: await worn(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          const left = await world.make('GET', `roles/${seen.wanted.at?.['role_id']}/users/`)
          assert.deepEqual(left, [])
        },
      },
      missing('a role', () => ({ at: { role_id: 'no', login: 'admin' } }), { resource_id: 'no' }),
      refused('for the last super-user', 'PLP0000', () => ({ at: { role_id: 'super-users', login: 'admin' } })),
    ],
  },
]
