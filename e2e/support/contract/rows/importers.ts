import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, demo, harness, sync } from '../scenes.ts'

const harnessImporter = { importer_type_id: 'harness_importer' }

/** D.1.1.3, D.1.1.5 and D.1.1.6: the importer of a repository. */
export const importers: readonly Operation[] = [
  {
    section: 'D.1.1.3',
    method: 'POST',
    does: 'Associate an importer',
    decided: ['§0.2'],
    tags: [
      'pulp:action:add_importer',
      'pulp:action:update_importer',
      'pulp:repository:<repo_id>',
      'pulp:repository_importer:<importer_type_id>',
    ],
    cases: [
      {
        status: 202,
        when: 'for an importer with its config, as in the sample',
        sample: true,
        arrange: async (world) => ({ at: { ...(await bare(world)), ...harnessImporter } }),
        like: { except: { _id: '§0.9' } },
      },
      {
        status: 202,
        when: 'in the place of the one that is there',
        arrange: async (world) => ({
          at: { ...(await demo(world)), ...harnessImporter },
          body: { ...harnessImporter, importer_config: { num_units: 1 } },
        }),
        check: async ({ wanted }, world) => {
          const all = await shown(world, `repositories/${wanted.at?.['repo_id']}/importers/`)
          assert.deepEqual(
            listAt(all).map((importer) => valueAt(importer, 'id')),
            ['harness_importer'],
          )
        },
      },
      refused(
        'without a type',
        'PLP0016',
        async (world) => ({ at: await bare(world), body: { importer_config: {} } }),
        ['importer_type_id'],
      ),
      refused('for a type that is not there', 'PLP1008', async (world) => ({
        at: await bare(world),
        body: { importer_type_id: 'no_such_importer' },
      })),
      refused('for a config that the importer refuses', 'PLP1000', async (world) => ({
        at: await bare(world),
        body: { ...harnessImporter, importer_config: { unknown: 1 } },
      })),
      missing('a repository', () => ({ at: { repo_id: 'missing' }, body: harnessImporter }), { repository: 'missing' }),
      {
        status: 202,
        instead: { of: 500, by: '§0.24' },
        when: 'for an importer that raises, whose task is an error',
        ends: 'error',
        code: 'PLP0000',
        arrange: async (world) => ({
          at: { ...(await bare(world)), importer_type_id: 'raising_importer' },
          body: { importer_type_id: 'raising_importer', importer_config: { raise: 'added' } },
        }),
        check: async ({ wanted }, world) => {
          assert.deepEqual(await shown(world, `repositories/${wanted.at?.['repo_id']}/importers/`), [])
        },
      },
    ],
  },
  {
    section: 'D.1.1.5',
    method: 'PUT',
    does: 'Update the config of an importer',
    tags: ['pulp:action:update_importer', 'pulp:repository:<repo_id>', 'pulp:repository_importer:<importer_id>'],
    cases: [
      {
        status: 202,
        when: 'with a key that is new, as in the sample; the others stay',
        sample: true,
        arrange: async (world) => {
          const at = await demo(world)
          await sync(world, at.repo_id)
          return { at }
        },
        like: {},
        check: ({ tasks }) =>
          assert.deepEqual(valueAt(tasks[0]?.result, 'config'), { keep: 'kept', demo_key: 'demo_value' }),
      },
      {
        status: 202,
        when: 'with null, which removes a key',
        arrange: async (world) => ({ at: await demo(world), body: { importer_config: { keep: null } } }),
        check: ({ tasks }) => assert.deepEqual(valueAt(tasks[0]?.result, 'config'), {}),
      },
      refused('without a config', 'PLP0016', async (world) => ({ at: await demo(world), body: {} }), [
        'importer_config',
      ]),
      {
        ...refused('for a config that the importer refuses', 'PLP1000', async (world) => ({
          at: await harness(world),
          body: { importer_config: { unknown: 1 } },
        })),
        by: '§0.13',
      },
      missing(
        'a repository',
        () => ({ at: { repo_id: 'missing', importer_id: 'yum_importer' }, body: { importer_config: {} } }),
        { repository: 'missing' },
      ),
      missing(
        'an importer',
        async (world) => ({
          at: { ...(await demo(world)), importer_id: 'yum_importer' },
          body: { importer_config: {} },
        }),
        { importer_id: 'yum_importer' },
      ),
    ],
  },
  {
    section: 'D.1.1.6',
    method: 'DELETE',
    does: 'Disassociate an importer',
    tags: ['pulp:action:delete_importer', 'pulp:repository:<repo_id>', 'pulp:repository_importer:<importer_id>'],
    cases: [
      {
        status: 202,
        when: 'for the importer of a repository, which has none then',
        arrange: async (world) => ({ at: await demo(world) }),
        check: ({ wanted }, world) => isGone(world, `repositories/${wanted.at?.['repo_id']}/importers/demo_importer/`),
      },
      missing('a repository', () => ({ at: { repo_id: 'missing', importer_id: 'x' } }), { repository: 'missing' }),
      missing('an importer', async (world) => ({ at: { ...(await bare(world)), importer_id: 'x' } }), {
        importer_id: 'x',
      }),
    ],
  },
]
