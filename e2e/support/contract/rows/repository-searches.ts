import assert from 'node:assert/strict'
import { listAt, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, harness, publish, sync } from '../scenes.ts'
import type { World } from '../world.ts'
import { attachedOfEach, flagged, own } from './retrieval.ts'

/** D.1.2.3. */
export const repositorySearches: readonly Operation[] = [
  {
    section: 'D.1.2.3',
    method: 'POST',
    does: 'Search for repositories',
    cases: [
      {
        status: 200,
        when: 'with details, as in the sample',
        asks: ['details'],
        arrange: async (world) => {
          const at = await emptied(world)
          return { at, body: { criteria: { filters: { id: at.repo_id } }, details: true } }
        },
        like: { except: attachedOfEach, part: own },
        check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
      },
      {
        status: 200,
        when: 'with importers and without distributors',
        asks: ['importers', 'distributors'],
        arrange: async (world) => {
          const at = await bare(world)
          return { at, body: { criteria: { filters: { id: at.repo_id } }, importers: true, distributors: false } }
        },
        check: ({ answer }) => {
          assert.deepEqual(valueAt(answer.body, 0, 'importers'), [])
          assert.equal(valueAt(answer.body, 0, 'distributors'), undefined)
        },
      },
      {
        status: 200,
        when: 'for nothing that is there, with an empty list',
        arrange: () => ({ body: { criteria: { filters: { id: { $in: ['nobody'] } } } } }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
    ],
  },
  {
    section: 'D.1.2.3',
    method: 'GET',
    does: 'Search for repositories by the query',
    cases: [
      {
        status: 200,
        when: 'with details, as in the sample',
        arrange: async (world) => {
          const at = await emptied(world)
          return { at, query: `details=true&filters=${encodeURIComponent(JSON.stringify({ id: at.repo_id }))}` }
        },
        like: { except: attachedOfEach, part: own },
      },
      {
        status: 200,
        when: 'with two fields and a limit',
        asks: ['field', 'limit'],
        arrange: async (world) => ({ at: await bare(world), query: 'field=id&field=display_name&limit=1' }),
        check: ({ answer }) => {
          assert.equal(listAt(answer.body).length, 1)
          assert.deepEqual(Object.keys(Object(listAt(answer.body)[0])).toSorted(), [
            '_href',
            '_id',
            'display_name',
            'id',
          ])
        },
      },
      ...flagged(bare, (_, seen) => own(seen)[0]),
    ],
  },
]

/** One that was synced and published without ever having had a unit. */
async function emptied(world: World) {
  const at = await harness(world)
  await sync(world, at.repo_id, { num_units: '0' })
  await publish(world, at.repo_id, at.distributor_id)
  return at
}
