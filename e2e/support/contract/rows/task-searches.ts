import assert from 'node:assert/strict'
import { listAt, refused } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare } from '../scenes.ts'
import type { Seen } from '../seen.ts'
import type { World } from '../world.ts'

/** D.2.6. */
export const taskSearches: readonly Operation[] = [
  {
    section: 'D.2.6',
    method: 'POST',
    does: 'Search for tasks',
    cases: [
      {
        status: 200,
        when: 'by a tag',
        arrange: async (world) => {
          const { repo_id } = await deletedRepository(world)
          return { at: { repo_id }, body: { criteria: { filters: { tags: `pulp:repository:${repo_id}` } } } }
        },
        check: findsOne,
      },
      {
        status: 200,
        when: 'for what nobody has, with an empty list',
        arrange: () => ({ body: { criteria: { filters: { task_id: 'nobody' } } } }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
      refused(
        'for an operator that is none',
        'PLP0015',
        () => ({ body: { criteria: { filters: { a: { $b: 1 } } } } }),
        ['criteria'],
      ),
    ],
  },
  {
    section: 'D.2.6',
    method: 'GET',
    does: 'Search for tasks by the query',
    cases: [
      {
        status: 200,
        when: 'with filters and fields',
        asks: ['field', 'limit'],
        arrange: async (world) => {
          const { repo_id } = await deletedRepository(world)
          const filters = JSON.stringify({ tags: `pulp:repository:${repo_id}` })
          return { at: { repo_id }, query: `field=tags&field=task_id&filters=${encodeURIComponent(filters)}&limit=20` }
        },
        check: findsOne,
      },
      refused('for filters that are no JSON', 'PLP0015', () => ({ query: 'filters={' }), ['filters']),
    ],
  },
]

/** A repository of which nothing is left but one task. */
async function deletedRepository(world: World) {
  const { repo_id } = await bare(world)
  await world.finish('DELETE', `repositories/${repo_id}/`)
  return { repo_id }
}

function findsOne({ answer, wanted }: Seen): void {
  assert.equal(listAt(answer.body).length, 1)
  assert.ok(listAt(answer.body, 0, 'tags').includes(`pulp:repository:${wanted.at?.['repo_id']}`))
}
