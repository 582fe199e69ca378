import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, demo, harnessNames } from '../scenes.ts'
import { raising, refusedRepositories } from './refused-repositories.ts'

/** D.1.1.1, D.1.1.2 and D.1.1.9: repositories themselves. */
export const creation: readonly Operation[] = [
  {
    section: 'D.1.1.1',
    method: 'POST',
    does: 'Create a repository',
    cases: [
      {
        status: 201,
        when: 'with an importer and a distributor, as in the sample',
        sample: true,
        arrange: (world) => ({ names: harnessNames(world) }),
        like: {},
        check: async ({ wanted }, world) => {
          const repository = await shown(world, `repositories/${wanted.names?.['harness_repo_1']}/?details=true`)
          const [importer, distributor] = [valueAt(repository, 'importers', 0), valueAt(repository, 'distributors', 0)]
          assert.deepEqual(valueAt(importer, 'config'), { num_units: '5', write_files: 'true' })
          assert.equal(valueAt(distributor, 'id'), 'dist_1')
        },
      },
      {
        status: 201,
        when: 'with a description and notes',
        asks: ['description', 'notes'],
        arrange: (world) => ({ body: { id: world.name('noted'), description: 'foo', notes: { a: 'b' } } }),
        check: ({ answer }) => {
          const { id, display_name, description, notes } = Object(answer.body)
          assert.deepEqual(
            { display_name, description, notes },
            { display_name: id, description: 'foo', notes: { a: 'b' } },
          )
        },
      },
      {
        status: 201,
        when: 'with the config of a distributor as `repo_plugin_config`',
        by: '§0.20',
        arrange: (world) => ({ body: { id: world.name('alias'), distributors: [aliased] } }),
        check: async ({ answer }, world) => {
          const distributors = await shown(world, `repositories/${valueAt(answer.body, 'id')}/distributors/`)
          assert.deepEqual(valueAt(distributors, 0, 'config'), aliased.repo_plugin_config)
        },
      },
      ...refusedRepositories,
      {
        status: 409,
        when: 'for an id that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: { id: (await bare(world)).repo_id } }),
      },
      raising('importer', { importer_type_id: 'raising_importer', importer_config: { raise: 'added' } }),
      raising('distributor', {
        distributors: [{ distributor_type_id: 'raising_distributor', distributor_config: { raise: 'added' } }],
      }),
    ],
  },
  {
    section: 'D.1.1.2',
    method: 'PUT',
    does: 'Update a repository, its importer config and the configs of its distributors',
    tags: [
      'pulp:action:update_distributor',
      'pulp:repository:<repo_id>',
      'pulp:repository_distributor:<distributor_id>',
    ],
    cases: [
      {
        status: 202,
        when: 'with configs of distributors, as in the sample',
        sample: true,
        arrange: async (world) => ({ at: await demo(world) }),
        like: {},
        check: async ({ answer, tasks, wanted }, world) => {
          assert.equal(valueAt(answer.body, 'result', 'display_name'), 'Updated')
          assert.equal(tasks.length, 1)
          const repository = await shown(world, `repositories/${wanted.at?.['repo_id']}/?details=true`)
          for (const kind of ['importers', 'distributors']) {
            assert.deepEqual(valueAt(repository, kind, 0, 'config'), { keep: 'kept', demo_key: 'demo_value' })
          }
        },
      },
      {
        status: 200,
        when: 'with a delta only',
        arrange: async (world) => ({ at: await bare(world), body: { delta: { notes: { a: 'b' } } } }),
        check: ({ answer }) => {
          assert.deepEqual(listAt(answer.body, 'spawned_tasks'), [])
          assert.deepEqual(valueAt(answer.body, 'result', 'notes'), { a: 'b' })
        },
      },
      { status: 200, when: 'without a body', arrange: async (world) => ({ at: await bare(world) }) },
      refused('for a delta that is no object', 'PLP1010', async (world) => ({
        at: await bare(world),
        body: { delta: 'x' },
      })),
      missing('a repository', () => ({ at: { repo_id: 'missing' }, body: { delta: {} } }), { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.1.9',
    method: 'DELETE',
    does: 'Delete a repository',
    tags: ['pulp:action:delete', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'for a repository, which is gone then',
        arrange: async (world) => ({ at: await demo(world) }),
        check: ({ wanted }, world) => isGone(world, `repositories/${wanted.at?.['repo_id']}/`),
      },
      missing('a repository', () => ({ at: { repo_id: 'missing' } }), { repository: 'missing' }),
    ],
  },
]

const aliased = { distributor_type_id: 'demo_distributor', repo_plugin_config: { demo_key: 'demo_value' } }
