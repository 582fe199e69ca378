import assert from 'node:assert/strict'
import { listAt, missing, refused, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { filled, unitType } from '../scenes.ts'

const inRepository: Case['check'] = ({ answer, wanted }) => {
  assert.equal(listAt(answer.body).length, 5)
  assert.equal(valueAt(answer.body, 0, 'unit_type_id'), unitType)
  assert.equal(valueAt(answer.body, 0, 'repo_id'), wanted.at?.['repo_id'])
}

/** pulp2-api §7: the units of a repository. */
export const unitSearches: readonly Operation[] = [
  {
    section: '§7',
    method: 'POST',
    path: '/pulp/api/v2/repositories/<repo_id>/search/units/',
    does: 'Search for units of a repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by a type',
        arrange: async (world) => ({ at: await filled(world), body: { criteria: { type_ids: [unitType] } } }),
        check: inRepository,
      },
      refused('for criteria that have no such member', 'PLP0015', async (world) => ({
        at: await filled(world),
        body: { criteria: { filters: { nothing: {} } } },
      })),
      missing('a repository', () => ({ at: { repo_id: 'missing' }, body: { criteria: {} } }), {
        repository: 'missing',
      }),
    ],
  },
  {
    section: '§7',
    method: 'GET',
    path: '/pulp/api/v2/repositories/<repo_id>/search/units/',
    does: 'Search for units of a repository by the query',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for all of them',
        arrange: async (world) => ({ at: await filled(world) }),
        check: inRepository,
      },
    ],
  },
]
