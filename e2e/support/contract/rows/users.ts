import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, says, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/users/'

async function aUser(world: World): Promise<{ readonly login: string }> {
  const login = world.name('anna')
  await world.make('POST', 'users/', { login, password: 'a long password' })
  return { login }
}

/** pulp2-api §12: users. */
export const users: readonly Operation[] = [
  {
    section: '§12',
    method: 'GET',
    path: base,
    does: 'List the users',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'without a word of their passwords',
        arrange: async (world) => ({ at: await aUser(world) }),
        check: ({ answer, wanted }) => {
          assert.ok(listAt(answer.body).some((user) => valueAt(user, 'login') === wanted.at?.['login']))
          assert.doesNotMatch(answer.text, /password/)
        },
      },
    ],
  },
  {
    section: '§12',
    method: 'POST',
    path: base,
    does: 'Create a user',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with a login',
        arrange: (world) => ({ body: { login: world.name('new'), password: 'a long password' } }),
        check: ({ answer }) => assert.equal(valueAt(answer.body, 'name'), valueAt(answer.body, 'login')),
      },
      refused('without a login', 'PLP0016', () => ({ body: { name: 'x' } }), ['login']),
      refused('for a member that users have not', 'PLP0015', (world) => ({ body: { login: world.name('x'), age: 1 } })),
      {
        status: 409,
        when: 'for a login that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: await aUser(world) }),
      },
    ],
  },
  {
    section: '§12',
    method: 'GET',
    path: `${base}<login>/`,
    does: 'Retrieve a user',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by the login',
        arrange: async (world) => ({ at: await aUser(world) }),
        check: ({ answer, wanted }) => assert.equal(valueAt(answer.body, '_href'), `${base}${wanted.at?.['login']}/`),
      },
      missing('a user', () => ({ at: { login: 'nobody' } }), { login: 'nobody' }),
    ],
  },
  {
    section: '§12',
    method: 'PUT',
    path: `${base}<login>/`,
    does: 'Update a user',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with another name',
        arrange: async (world) => ({ at: await aUser(world), body: { delta: { name: 'Anna' } } }),
        check: says('name', 'Anna'),
      },
      refused('for a member that users have not', 'PLP0015', async (world) => ({
        at: await aUser(world),
        body: { delta: { age: 1 } },
      })),
      missing('a user', () => ({ at: { login: 'nobody' }, body: { delta: {} } }), { login: 'nobody' }),
    ],
  },
  {
    section: '§12',
    method: 'DELETE',
    path: `${base}<login>/`,
    does: 'Delete a user',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a user, who is gone then',
        arrange: async (world) => ({ at: await aUser(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `users/${seen.wanted.at?.['login']}/`)
        },
      },
      missing('a user', () => ({ at: { login: 'nobody' } }), { login: 'nobody' }),
      refused('for the last super-user', 'PLP0000', () => ({ at: { login: 'admin' } })),
    ],
  },
  {
    section: '§12',
    method: 'POST',
    path: `${base}search/`,
    does: 'Search for users',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by the login',
        arrange: async (world) => ({ body: { criteria: { filters: await aUser(world) } } }),
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
    ],
  },
  {
    section: '§12',
    method: 'GET',
    path: `${base}search/`,
    does: 'Search for users by the query',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by the login',
        arrange: async (world) => ({ query: `filters=${encodeURIComponent(JSON.stringify(await aUser(world)))}` }),
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
    ],
  },
]
