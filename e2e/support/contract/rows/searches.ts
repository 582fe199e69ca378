import assert from 'node:assert/strict'
import { listAt, missing } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { demo } from '../scenes.ts'

/** Calls beside those of the written API, of the same families: pulp2-api §6.2 and §11. */
export const searches: readonly Operation[] = [
  {
    section: '§6.2',
    method: 'GET',
    path: '/pulp/api/v2/distributors/search/',
    does: 'Search for distributors by the query',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by the repository',
        arrange: async (world) => {
          const { repo_id } = await demo(world)
          return { query: `filters=${encodeURIComponent(JSON.stringify({ repo_id }))}` }
        },
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
    ],
  },
  {
    section: '§11',
    method: 'GET',
    path: '/pulp/api/v2/task_groups/<group_id>/',
    does: 'Retrieve a group of tasks, which is never there',
    rights: ['read'],
    cases: [missing('a group, as every group is,', () => ({ at: { group_id: 'x' } }), {})],
  },
]
