import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, says, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare } from '../scenes.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/repo_groups/'
const nowhere = { group_id: 'no' }

/** A group with one repository. */
export async function aGroup(world: World, members: object = {}) {
  const { repo_id } = await bare(world)
  const group_id = world.name('group')
  await world.make('POST', 'repo_groups/', { id: group_id, repo_ids: [repo_id], notes: { a: 1 }, ...members })
  return { group_id, repo_id }
}

/** pulp2-api §10: groups of repositories. */
export const repositoryGroups: readonly Operation[] = [
  {
    section: '§10',
    method: 'GET',
    path: base,
    does: 'List the groups of repositories',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with their repositories',
        arrange: async (world) => ({ at: await aGroup(world) }),
        check: ({ answer, wanted }) => {
          const found = listAt(answer.body).find((group) => valueAt(group, 'id') === wanted.at?.['group_id'])
          assert.deepEqual(valueAt(found, 'repo_ids'), [wanted.at?.['repo_id']])
        },
      },
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: base,
    does: 'Create a group of repositories',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with an id alone',
        arrange: (world) => ({ body: { id: world.name('new') } }),
        check: ({ answer }) => {
          const { display_name, notes, repo_ids, scratchpad, distributors } = Object(answer.body)
          assert.deepEqual([display_name, notes, repo_ids, scratchpad, distributors], [null, {}, [], null, []])
        },
      },
      refused('without an id', 'PLP0016', () => ({ body: {} }), ['id']),
      refused('for a member that groups have not', 'PLP0015', (world) => ({ body: { id: world.name('x'), age: 1 } }), [
        'age',
      ]),
      missing('a repository', (world) => ({ body: { id: world.name('x'), repo_ids: ['no', 'nor'] } }), {
        repositories: 'no, nor',
      }),
      {
        status: 409,
        when: 'for an id that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: { id: (await aGroup(world)).group_id } }),
      },
    ],
  },
  {
    section: '§10',
    method: 'GET',
    path: `${base}<group_id>/`,
    does: 'Retrieve a group of repositories',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by its id',
        arrange: async (world) => ({ at: await aGroup(world) }),
        check: ({ answer, wanted }) =>
          assert.equal(valueAt(answer.body, '_href'), `${base}${wanted.at?.['group_id']}/`),
      },
      missing('a group', () => ({ at: nowhere }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'PUT',
    path: `${base}<group_id>/`,
    does: 'Update a group of repositories',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with notes, of which those with an empty value go',
        arrange: async (world) => ({ at: await aGroup(world), body: { notes: { a: null, b: 2 } } }),
        check: says('notes', { b: 2 }),
      },
      refused(
        'for a delta, which groups have not',
        'PLP0015',
        async (world) => ({ at: await aGroup(world), body: { delta: {} } }),
        ['delta'],
      ),
      missing('a group', () => ({ at: nowhere, body: {} }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'DELETE',
    path: `${base}<group_id>/`,
    does: 'Delete a group of repositories at once',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a group, whose repositories stay',
        arrange: async (world) => ({ at: await aGroup(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `repo_groups/${seen.wanted.at?.['group_id']}/`)
          await world.make('GET', `repositories/${seen.wanted.at?.['repo_id']}/`)
        },
      },
      missing('a group', () => ({ at: nowhere }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: `${base}search/`,
    does: 'Search for groups of repositories',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by a repository of theirs',
        arrange: async (world) => ({ body: { criteria: { filters: { repo_ids: (await aGroup(world)).repo_id } } } }),
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
    ],
  },
  {
    section: '§10',
    method: 'GET',
    path: `${base}search/`,
    does: 'Search for groups of repositories by the query',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by the id',
        arrange: async (world) => {
          const { group_id: id } = await aGroup(world)
          return { query: `filters=${encodeURIComponent(JSON.stringify({ id }))}` }
        },
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: `${base}<group_id>/actions/associate/`,
    does: 'Put repositories into a group',
    rights: ['execute'],
    cases: [
      {
        status: 200,
        when: 'by criteria, with the ids of all that are in it then',
        arrange: async (world) => {
          const { repo_id: id } = await bare(world)
          return { at: await aGroup(world), body: { criteria: { filters: { id } } } }
        },
        check: ({ answer, wanted }) => {
          assert.equal(listAt(answer.body).length, 2)
          assert.ok(listAt(answer.body).includes(wanted.at?.['repo_id']))
        },
      },
      missing('a group', () => ({ at: nowhere, body: {} }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: `${base}<group_id>/actions/unassociate/`,
    does: 'Take repositories out of a group',
    rights: ['execute'],
    cases: [
      {
        status: 200,
        when: 'by criteria, with the ids of those that stay',
        arrange: async (world) => {
          const at = await aGroup(world)
          return { at, body: { criteria: { filters: { id: at.repo_id } } } }
        },
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
      missing('a group', () => ({ at: nowhere, body: {} }), { repo_group: 'no' }),
    ],
  },
]
