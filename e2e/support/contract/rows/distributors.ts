import assert from 'node:assert/strict'
import { aDistributor, listAt, missing, refused, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, demo, harness, harnessNames } from '../scenes.ts'

const demoDistributor = { distributor_type_id: 'demo_distributor' }
const nowhere = { repo_id: 'missing', distributor_id: 'x' }

/** D.1.1.4 and D.1.1.7: adding and changing distributors. */
export const distributors: readonly Operation[] = [
  {
    section: 'D.1.1.4',
    method: 'POST',
    does: 'Associate a distributor',
    cases: [
      {
        status: 201,
        when: 'for a distributor with its config, as in the sample',
        sample: true,
        arrange: async (world) => ({ at: await bare(world), names: harnessNames(world) }),
        like: { except: { _id: '§0.9', scratchpad: '§0.10' } },
      },
      {
        status: 201,
        when: 'for a distributor without an id, which is given one',
        arrange: async (world) => ({ at: await bare(world), body: demoDistributor }),
        check: ({ answer }) => {
          assert.match(String(valueAt(answer.body, 'id')), /^[\w-]{36}$/)
          assert.equal(valueAt(answer.body, 'auto_publish'), false)
        },
      },
      {
        status: 201,
        when: 'for an id that is taken, in the place of the old one',
        by: '§0.11',
        arrange: async (world) => {
          const at = await demo(world)
          return { at, body: { ...demoDistributor, distributor_id: at.distributor_id, distributor_config: { new: 1 } } }
        },
        check: async ({ wanted }, world) => {
          const all = await shown(world, `repositories/${wanted.at?.['repo_id']}/distributors/`)
          assert.deepEqual(
            listAt(all).map((one) => valueAt(one, 'config')),
            [{ new: 1 }],
          )
        },
      },
      refused(
        'without a type',
        'PLP0016',
        async (world) => ({ at: await bare(world), body: { distributor_config: {} } }),
        ['distributor_type_id'],
      ),
      refused(
        'for a type that is not there',
        'PLP0015',
        async (world) => ({ at: await bare(world), body: { distributor_type_id: 'x', distributor_config: {} } }),
        ['distributor_type_id'],
      ),
      refused('for a config that the distributor refuses', 'PLP0000', async (world) => ({
        at: await bare(world),
        body: { distributor_type_id: 'harness_distributor', distributor_config: { write_files: 'true' } },
      })),
      missing('a repository', () => ({ at: nowhere, body: demoDistributor }), { repository: 'missing' }),
      {
        status: 500,
        when: 'for a distributor that raises, which is not associated',
        by: '§0.24',
        arrange: async (world) => ({
          at: await bare(world),
          body: { distributor_type_id: 'raising_distributor', distributor_config: { raise: 'added' } },
        }),
        check: async ({ wanted }, world) => {
          assert.deepEqual(await shown(world, `repositories/${wanted.at?.['repo_id']}/distributors/`), [])
        },
      },
    ],
  },
  {
    section: 'D.1.1.7',
    method: 'PUT',
    does: 'Update the config of a distributor, and whether it publishes by itself',
    tags: [
      'pulp:action:update_distributor',
      'pulp:repository:<repo_id>',
      'pulp:repository_distributor:<distributor_id>',
    ],
    cases: [
      {
        status: 202,
        when: 'with a key that is new and a delta, as in the sample; other keys stay',
        sample: true,
        arrange: async (world) => ({ at: await demo(world) }),
        check: ({ tasks }) => {
          const result = tasks[0]?.result
          assert.deepEqual(valueAt(result, 'config'), { keep: 'kept', demo_key: 'demo_value' })
          assert.equal(valueAt(result, 'auto_publish'), true)
        },
      },
      {
        status: 202,
        when: 'with null, which removes a key',
        arrange: async (world) => ({ at: await demo(world), body: { distributor_config: { keep: null } } }),
        check: ({ tasks }) => assert.deepEqual(valueAt(tasks[0]?.result, 'config'), {}),
      },
      {
        status: 202,
        when: 'with an auto_publish that is no boolean, whose task is an error',
        ends: 'error',
        arrange: async (world) => ({ at: await demo(world), body: { delta: { auto_publish: 'x' } } }),
      },
      missing('a repository', () => ({ at: nowhere, body: {} }), aDistributor),
      missing(
        'a distributor',
        async (world) => ({ at: { ...(await harness(world)), distributor_id: 'x' }, body: {} }),
        aDistributor,
      ),
    ],
  },
]
