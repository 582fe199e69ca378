import assert from 'node:assert/strict'
import { join } from 'node:path'
import { isGone, listAt, missing, refused, says, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import type { World } from '../world.ts'
import { aGroup } from './repository-groups.ts'

const base = '/pulp/api/v2/repo_groups/<group_id>/'
const nowhere = { group_id: 'no', distributor_id: 'no' }
const distributor_type_id = 'demo_group_distributor'

function configIn(world: World): { readonly export_dir: string } {
  return { export_dir: join(world.exports, world.name('group')) }
}

async function distributed(world: World) {
  const distributor_config = configIn(world)
  const distributors = [{ distributor_id: 'd', distributor_type_id, distributor_config }]
  return { ...(await aGroup(world, { distributors })), distributor_id: 'd' }
}

/** A group without distributors, and the name of none. */
async function undistributed(world: World) {
  return { ...(await aGroup(world)), distributor_id: 'no' }
}

const aDistributor = (at: Readonly<Record<string, string>> | undefined) => ({
  repo_group: at?.['group_id'],
  distributor: 'no',
})

/** pulp2-api §10: distributors of groups, and the publish by one of them. */
export const groupDistributors: readonly Operation[] = [
  {
    section: '§10',
    method: 'GET',
    path: `${base}distributors/`,
    does: 'List the distributors of a group',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for a group with one',
        arrange: async (world) => ({ at: await distributed(world) }),
        check: ({ answer }) => assert.equal(valueAt(answer.body, 0, '_ns'), 'repo_group_distributors'),
      },
      missing('a group', () => ({ at: nowhere }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: `${base}distributors/`,
    does: 'Add a distributor to a group at once',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with its config',
        arrange: async (world) => ({
          at: await aGroup(world),
          body: { distributor_type_id, distributor_config: configIn(world) },
        }),
        check: ({ answer, wanted }) => {
          const { repo_group_id, scratchpad, last_publish } = Object(answer.body)
          assert.deepEqual([repo_group_id, scratchpad, last_publish], [wanted.at?.['group_id'], null, null])
        },
      },
      refused('without a type', 'PLP0016', async (world) => ({ at: await aGroup(world), body: {} }), [
        'distributor_type_id',
      ]),
      refused(
        'for a type that is not there',
        'PLP0015',
        async (world) => ({ at: await aGroup(world), body: { distributor_type_id: 'demo_distributor' } }),
        ['distributor_type_id'],
      ),
      refused('for a folder that may not be filled', 'PLP0000', async (world) => ({
        at: await aGroup(world),
        body: { distributor_type_id, distributor_config: { export_dir: '/etc' } },
      })),
      missing('a group', () => ({ at: nowhere, body: { distributor_type_id } }), { repo_group: 'no' }),
    ],
  },
  {
    section: '§10',
    method: 'GET',
    path: `${base}distributors/<distributor_id>/`,
    does: 'Retrieve a distributor of a group',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by its id',
        arrange: async (world) => ({ at: await distributed(world) }),
        check: says('distributor_type_id', distributor_type_id),
      },
      missing('a distributor', async (world) => ({ at: await undistributed(world) }), aDistributor),
    ],
  },
  {
    section: '§10',
    method: 'PUT',
    path: `${base}distributors/<distributor_id>/`,
    does: 'Update the config of a distributor of a group at once',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with a key that is new; others stay',
        arrange: async (world) => ({ at: await distributed(world), body: { distributor_config: { a: 1 } } }),
        check: ({ answer }) => {
          assert.deepEqual(Object.keys(Object(valueAt(answer.body, 'config'))).toSorted(), ['a', 'export_dir'])
        },
      },
      refused('without a config', 'PLP0016', async (world) => ({ at: await distributed(world), body: {} }), [
        'distributor_config',
      ]),
      missing(
        'a distributor',
        async (world) => ({ at: await undistributed(world), body: { distributor_config: {} } }),
        aDistributor,
      ),
    ],
  },
  {
    section: '§10',
    method: 'DELETE',
    path: `${base}distributors/<distributor_id>/`,
    does: 'Remove a distributor of a group at once',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'forced or not',
        arrange: async (world) => ({ at: await distributed(world), body: { force: true } }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `repo_groups/${seen.wanted.at?.['group_id']}/distributors/d/`)
        },
      },
      missing('a distributor', async (world) => ({ at: await undistributed(world) }), aDistributor),
    ],
  },
  {
    section: '§10',
    method: 'POST',
    path: `${base}actions/publish/`,
    does: 'Publish the repositories of a group',
    rights: ['execute'],
    tags: [
      'pulp:repository_group:<group_id>',
      'pulp:repository_group_distributor:<distributor_id>',
      'pulp:action:publish',
    ],
    cases: [
      {
        status: 202,
        when: 'by a distributor, whose last publish is told then',
        arrange: async (world) => ({ at: await distributed(world), body: { id: 'd' } }),
        check: async ({ tasks, wanted }, world) => {
          assert.deepEqual([tasks[0]?.result, valueAt(tasks[0]?.progress_report, 'd', 'state')], [null, 'finished'])
          const all = await world.make('GET', `repo_groups/${wanted.at?.['group_id']}/distributors/`)
          assert.ok(valueAt(listAt(all)[0], 'last_publish'))
        },
      },
      refused('without a distributor', 'PLP0016', async (world) => ({ at: await distributed(world), body: {} }), [
        'id',
      ]),
      missing('a distributor', async (world) => ({ at: await undistributed(world), body: { id: 'no' } }), aDistributor),
    ],
  },
]
