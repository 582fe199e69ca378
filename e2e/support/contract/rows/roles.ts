import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, says, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { aRole, worn } from '../scenes.ts'

const base = '/pulp/api/v2/roles/'

/** pulp2-api §12: roles. */
export const roles: readonly Operation[] = [
  {
    section: '§12',
    method: 'GET',
    path: base,
    does: 'List the roles',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with `super-users`',
        arrange: () => ({}),
        check: ({ answer }) => assert.ok(listAt(answer.body).some((role) => valueAt(role, 'id') === 'super-users')),
      },
    ],
  },
  {
    section: '§12',
    method: 'POST',
    path: base,
    does: 'Create a role',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with an id',
        arrange: (world) => ({ body: { role_id: world.name('new') } }),
        check: says('permissions', {}),
      },
      refused('without an id', 'PLP0015', () => ({ body: {} }), ['role_id']),
      {
        status: 409,
        when: 'for an id that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: await aRole(world) }),
      },
    ],
  },
  {
    section: '§12',
    method: 'GET',
    path: `${base}<role_id>/`,
    does: 'Retrieve a role',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with its users',
        arrange: async (world) => ({ at: await worn(world) }),
        check: ({ answer, wanted }) => assert.deepEqual(valueAt(answer.body, 'users'), [wanted.at?.['login']]),
      },
      missing('a role', () => ({ at: { role_id: 'no' } }), { resource_id: 'no' }),
    ],
  },
  {
    section: '§12',
    method: 'PUT',
    path: `${base}<role_id>/`,
    does: 'Update a role',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with a description',
        arrange: async (world) => ({ at: await aRole(world), body: { delta: { description: 'x' } } }),
        check: says('description', 'x'),
      },
      refused('for a member that roles have not', 'PLP0000', async (world) => ({
        at: await aRole(world),
        body: { delta: { age: 1 } },
      })),
      missing('a role', () => ({ at: { role_id: 'no' }, body: { delta: {} } }), { resource_id: 'no' }),
    ],
  },
  {
    section: '§12',
    method: 'DELETE',
    path: `${base}<role_id>/`,
    does: 'Delete a role',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a role, which is gone then',
        arrange: async (world) => ({ at: await worn(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `roles/${seen.wanted.at?.['role_id']}/`)
        },
      },
      missing('a role', () => ({ at: { role_id: 'no' } }), { resource_id: 'no' }),
      refused('for `super-users`', 'PLP0000', () => ({ at: { role_id: 'super-users' } })),
    ],
  },
]
