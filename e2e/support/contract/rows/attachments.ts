import assert from 'node:assert/strict'
import { aDistributor, listAt, missing, refused, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, filled, mirror, sync } from '../scenes.ts'
import type { World } from '../world.ts'

/** D.1.2.4 to D.1.2.8: reading importers and distributors. */
export const attachments: readonly Operation[] = [
  {
    section: 'D.1.2.4',
    method: 'GET',
    does: 'Retrieve the importers of a repository',
    decided: ['§0.1'],
    cases: [
      {
        status: 200,
        when: 'for one with an importer, as in the sample',
        arrange: async (world) => ({ at: await mirrored(world) }),
        like: { except: { '[].scratchpad': '§0.10' } },
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
      {
        status: 200,
        when: 'for one without, with an empty list',
        arrange: async (world) => ({ at: await bare(world) }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
      missing('a repository', () => ({ at: { repo_id: 'missing' } }), { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.2.5',
    method: 'GET',
    does: 'Retrieve an importer',
    cases: [
      {
        status: 200,
        when: 'as in the sample',
        arrange: async (world) => ({ at: await mirrored(world) }),
        like: { except: { scratchpad: '§0.10' } },
      },
      {
        status: 200,
        when: 'with its passwords masked',
        by: '§0.5',
        arrange: async (world) => ({
          at: await mirror(world, { importer_config: { basic_auth_username: 'anna', basic_auth_password: 'secret' } }),
        }),
        check: ({ answer }) => assert.equal(valueAt(answer.body, 'config', 'basic_auth_password'), '*****'),
      },
      missing('a repository', () => ({ at: { repo_id: 'missing', importer_id: 'x' } }), { repository: 'missing' }),
      missing('an importer', async (world) => ({ at: { ...(await bare(world)), importer_id: 'x' } }), {
        importer_id: 'x',
      }),
    ],
  },
  {
    section: 'D.1.2.6',
    method: 'GET',
    does: 'Retrieve the distributors of a repository',
    cases: [
      {
        status: 200,
        when: 'as in the sample',
        arrange: async (world) => ({ at: await filled(world, 'published') }),
        like: { except: { '[]._id': '§0.9' } },
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
      {
        status: 200,
        when: 'for one without, with an empty list',
        arrange: async (world) => ({ at: await bare(world) }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
      missing('a repository', () => ({ at: { repo_id: 'missing' } }), { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.2.7',
    method: 'GET',
    does: 'Retrieve a distributor',
    cases: [
      {
        status: 200,
        when: 'as in the sample',
        arrange: async (world) => ({ at: await filled(world, 'published') }),
        like: {},
      },
      missing('a repository', () => ({ at: { repo_id: 'missing', distributor_id: 'x' } }), aDistributor),
      missing(
        'a distributor',
        async (world) => ({ at: { ...(await bare(world)), distributor_id: 'x' } }),
        aDistributor,
      ),
    ],
  },
  {
    section: 'D.1.2.8',
    method: 'POST',
    does: 'Search for distributors',
    cases: [
      {
        status: 200,
        when: 'by the repository, as in the sample',
        arrange: async (world) => {
          const at = await filled(world, 'published')
          return { at, body: { criteria: { filters: { repo_id: at.repo_id } } } }
        },
        like: { except: { '[].auto_publish': '§6.1', '[].scratchpad': '§0.10' } },
        check: ({ answer, wanted }) =>
          assert.deepEqual(
            listAt(answer.body).map((one) => valueAt(one, 'repo_id')),
            [wanted.at?.['repo_id']],
          ),
      },
      refused('without criteria', 'PLP0016', () => ({ body: {} }), ['criteria']),
    ],
  },
]

async function mirrored(world: World) {
  const at = await mirror(world)
  await sync(world, at.repo_id)
  return at
}
