import assert from 'node:assert/strict'
import { listAt, missing, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { bare, filled, publish, sync } from '../scenes.ts'
import type { Seen } from '../seen.ts'
import type { World } from '../world.ts'

/** What written samples of harness repositories and real answers differ in. */
const attached = { 'distributors[]._id': '§0.9', 'importers[]._id': '§0.9' } as const
export const attachedOfEach = { '[].distributors[]._id': '§0.9', '[].importers[]._id': '§0.9' } as const

/** The element of a list for the repository of the case, as a list. */
export function own({ answer, wanted }: Seen): readonly unknown[] {
  return listAt(answer.body).filter((one) => valueAt(one, 'id') === wanted.at?.['repo_id'])
}

/** D.1.2.1 and D.1.2.2: reading repositories. */
export const retrieval: readonly Operation[] = [
  {
    section: 'D.1.2.1',
    method: 'GET',
    does: 'Retrieve a repository',
    decided: ['§0.8'],
    cases: [
      {
        status: 200,
        when: 'with details, as in the sample',
        arrange: async (world) => ({ at: await shrunken(world), query: 'details=true' }),
        like: { except: attached },
        check: ({ answer }) => {
          assert.equal(valueAt(answer.body, 'total_repository_units'), 5)
          assert.equal(valueAt(answer.body, 'locally_stored_units'), 5)
          assert.deepEqual(valueAt(answer.body, 'content_unit_counts'), { harness_type_one: 5 })
        },
      },
      ...flagged(bare, (answer) => answer),
      missing('a repository', () => ({ at: { repo_id: 'missing' } }), { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.2.2',
    method: 'GET',
    does: 'Retrieve all repositories',
    cases: [
      {
        status: 200,
        when: 'with details, as in the sample',
        arrange: async (world) => ({ at: await filled(world, 'published'), query: 'details=true' }),
        like: { except: attachedOfEach, part: own },
      },
      ...flagged(bare, (_, seen) => own(seen)[0]),
    ],
  },
]

/** Each flag of the query by itself, `True` as Python spells it, and none. */
export function flagged(
  arrange: (world: World) => Promise<Readonly<Record<string, string>>>,
  repository: (body: unknown, seen: Seen) => unknown,
): Case[] {
  const wanted: readonly (readonly [string, readonly string[]])[] = [
    ['importers=true', ['importers']],
    ['distributors=True', ['distributors']],
    ['details=True', ['distributors', 'importers']],
    ['details=false', []],
  ]
  return wanted.map(([query, keys]) => ({
    status: 200,
    when: `with ${query}`,
    asks: [query.replace(/=.*/, '')],
    arrange: async (world) => ({ at: await arrange(world), query }),
    check: (seen) => {
      const shown = Object.keys(Object(repository(seen.answer.body, seen)))
      assert.deepEqual(shown.filter((key) => key === 'importers' || key === 'distributors').toSorted(), keys)
    },
  }))
}

/** A repository that got units, lost two of them and was published. */
async function shrunken(world: World) {
  const at = await filled(world)
  await sync(world, at.repo_id, { num_units: '7' })
  await sync(world, at.repo_id)
  await publish(world, at.repo_id, at.distributor_id)
  return at
}
