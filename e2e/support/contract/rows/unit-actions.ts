import assert from 'node:assert/strict'
import { listAt, missing, refused, shown, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { bare, demo, filled, harness, unitType } from '../scenes.ts'
import type { World } from '../world.ts'

const actions = '/pulp/api/v2/repositories/<repo_id>/actions/'
const firstTwo = { type_ids: [unitType], filters: { unit: { name: { $regex: '_[01]$' } } } }

/** A repository and another one that has units. */
async function pair(world: World) {
  const [{ repo_id }, source] = [await harness(world), await filled(world)]
  return { repo_id, source: source.repo_id }
}

/** The first two units are what the task reports. */
const reportsTwo: NonNullable<Case['check']> = ({ tasks }) => {
  const units = listAt(tasks[0]?.result, 'units_successful')
  const expected = [0, 1].map((number) => ({ type_id: unitType, unit_key: { name: `harness_unit_${number}` } }))
  assert.deepEqual(
    units.toSorted((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right))),
    expected,
  )
}

async function unitsOf(world: World, repository: string | undefined): Promise<unknown> {
  return valueAt(await shown(world, `repositories/${repository}/`), 'content_unit_counts', unitType)
}

const badCriteria = (arrange: Case['arrange']): readonly Case[] => [
  {
    ...refused(
      'for criteria that have no such member',
      'PLP0015',
      async (world) => {
        const { at, body } = await arrange(world)
        return { ...(at !== undefined && { at }), body: { ...Object(body), criteria: { nothing: 1 } } }
      },
      ['criteria'],
    ),
    check: ({ answer }) => {
      assert.deepEqual(valueAt(answer.body, 'error', 'data', 'property_names'), ['criteria'])
      assert.match(String(valueAt(answer.body, 'error', 'sub_errors', 0, 'description')), /nothing/)
    },
  },
]

/** pulp2-api §7: units come from another repository, and go. */
export const unitActions: readonly Operation[] = [
  {
    section: '§7',
    method: 'POST',
    path: `${actions}associate/`,
    does: 'Copy units from another repository',
    rights: ['update'],
    tags: ['pulp:action:associate', 'pulp:repository:<repo_id>', 'pulp:repository:<source>'],
    differs: [
      'A repository that stands twice in a copy with `additional_repos` in its `override_config` is a 400, and the user needs UPDATE on each target. Of more than 50,000 units the task lists the first 50,000, and `units_successful_total` says how many there are.',
    ],
    cases: [
      {
        status: 202,
        when: 'that match the criteria',
        arrange: async (world) => {
          const at = await pair(world)
          return { at, body: { source_repo_id: at.source, criteria: firstTwo } }
        },
        check: async (seen, world) => {
          reportsTwo(seen, world)
          assert.equal(await unitsOf(world, seen.wanted.at?.['repo_id']), 2)
        },
      },
      {
        status: 202,
        when: 'all of them, without criteria',
        arrange: async (world) => {
          const at = await pair(world)
          return { at, body: { source_repo_id: at.source, override_config: {} } }
        },
        check: async ({ wanted }, world) => assert.equal(await unitsOf(world, wanted.at?.['repo_id']), 5),
      },
      {
        status: 202,
        when: 'into a repository without an importer, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => {
          const at = { ...(await bare(world)), source: (await filled(world)).repo_id }
          return { at, body: { source_repo_id: at.source } }
        },
      },
      {
        status: 202,
        when: 'into a repository whose importer has other types, whose task is an error',
        ends: 'error',
        code: 'PLP0044',
        arrange: async (world) => {
          const at = { ...(await demo(world)), source: (await filled(world)).repo_id }
          return { at, body: { source_repo_id: at.source, criteria: { type_ids: 'demo_text' } } }
        },
      },
      refused('without a source', 'PLP0016', async (world) => ({ at: await bare(world), body: {} }), [
        'source_repo_id',
      ]),
      refused(
        'for a source that is missing',
        'PLP0015',
        async (world) => ({ at: await bare(world), body: { source_repo_id: 'missing' } }),
        ['source_repo_id'],
      ),
      refused(
        'for a further repository that is missing',
        'PLP0015',
        async (world) => {
          const at = await bare(world, { importer_type_id: 'yum_importer', importer_config: {} })
          const override = { recursive: true, additional_repos: { missing: 'other' } }
          return { at, body: { source_repo_id: at.repo_id, override_config: override } }
        },
        ['additional_repos'],
      ),
      ...badCriteria(async (world) => {
        const at = await bare(world)
        return { at, body: { source_repo_id: at.repo_id } }
      }),
      missing('a repository', () => ({ at: { repo_id: 'missing' }, body: { source_repo_id: 'x' } }), {
        repository: 'missing',
      }),
    ],
  },
  {
    section: '§7',
    method: 'POST',
    path: `${actions}unassociate/`,
    does: 'Take units out of a repository',
    rights: ['update'],
    tags: ['pulp:action:unassociate', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'that match the criteria',
        arrange: async (world) => ({ at: await filled(world), body: { criteria: firstTwo } }),
        check: async (seen, world) => {
          reportsTwo(seen, world)
          assert.equal(await unitsOf(world, seen.wanted.at?.['repo_id']), 3)
        },
      },
      {
        status: 202,
        when: 'where there are none',
        arrange: async (world) => ({ at: await bare(world), body: {} }),
        check: ({ tasks }) => assert.deepEqual(tasks[0]?.result, {}),
      },
      ...badCriteria(async (world) => ({ at: await bare(world) })),
      missing('a repository', () => ({ at: { repo_id: 'missing' }, body: {} }), { repository: 'missing' }),
    ],
  },
]
