import { aDistributor, isGone, missing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, demo } from '../scenes.ts'

const nowhere = { repo_id: 'missing', distributor_id: 'x' }

/** D.1.1.8. */
export const distributorRemoval: readonly Operation[] = [
  {
    section: 'D.1.1.8',
    method: 'DELETE',
    does: 'Disassociate a distributor',
    tags: [
      'pulp:action:remove_distributor',
      'pulp:repository:<repo_id>',
      'pulp:repository_distributor:<distributor_id>',
    ],
    cases: [
      {
        status: 202,
        when: 'for a distributor, which is gone then',
        arrange: async (world) => ({ at: await demo(world) }),
        check: ({ wanted }, world) =>
          isGone(world, `repositories/${wanted.at?.['repo_id']}/distributors/demo_distributor/`),
      },
      missing('a repository', () => ({ at: nowhere }), aDistributor),
      missing(
        'a distributor',
        async (world) => ({ at: { ...(await bare(world)), distributor_id: 'x' } }),
        aDistributor,
      ),
      {
        status: 202,
        instead: { of: 500, by: '§0.24' },
        when: 'for a distributor that raises, whose task is an error',
        ends: 'error',
        code: 'PLP0000',
        arrange: async (world) => {
          const { repo_id } = await bare(world)
          const added = await world.make('POST', `repositories/${repo_id}/distributors/`, {
            distributor_type_id: 'raising_distributor',
            distributor_config: { raise: 'removed' },
          })
          return { at: { repo_id, distributor_id: String(valueAt(added, 'id')) } }
        },
      },
    ],
  },
]
