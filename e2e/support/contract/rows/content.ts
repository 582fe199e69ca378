import assert from 'node:assert/strict'
import { listAt, refused, saysNothing, shown, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { aUnit, unitType } from '../scenes.ts'

const units = '/pulp/api/v2/content/units/<type>/'
const found: Case['check'] = ({ answer, wanted }) =>
  assert.deepEqual(
    listAt(answer.body).map((unit) => valueAt(unit, '_id')),
    [wanted.at?.['unit']],
  )
const noUnit = { type: unitType, unit: 'missing' }
const missingUnit: Case = {
  status: 404,
  when: 'for a unit that is missing, with a text',
  form: 'text',
  arrange: () => ({ at: noUnit }),
}

/** pulp2-api §9.1: units of any repository and of none. */
export const content: readonly Operation[] = [
  {
    section: '§9.1',
    method: 'GET',
    path: units,
    does: 'List the units of a type',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with a link to each',
        arrange: async (world) => ({ at: await aUnit(world) }),
        check: ({ answer, wanted }) => {
          const unit = listAt(answer.body).find((one) => valueAt(one, '_id') === wanted.at?.['unit'])
          assert.equal(valueAt(unit, '_href'), `/pulp/api/v2/content/units/${unitType}/${wanted.at?.['unit']}/`)
        },
      },
    ],
  },
  {
    section: '§9.1',
    method: 'POST',
    path: `${units}search/`,
    does: 'Search for units of a type',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by a key field, with the repositories that hold it',
        arrange: async (world) => {
          const at = await aUnit(world)
          return { at, body: { criteria: { filters: { name: at.name } }, include_repos: true } }
        },
        check: (seen, world) => {
          found?.(seen, world)
          const memberships = listAt(seen.answer.body, 0, 'repository_memberships')
          assert.ok(memberships.includes(seen.wanted.at?.['repo_id']))
        },
      },
      refused('without criteria', 'PLP0016', () => ({ at: { type: unitType }, body: {} }), ['criteria']),
    ],
  },
  {
    section: '§9.1',
    method: 'GET',
    path: `${units}search/`,
    does: 'Search for units of a type by the query',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by a key field',
        arrange: async (world) => {
          const at = await aUnit(world)
          return { at, query: `filters=${encodeURIComponent(JSON.stringify({ name: at.name }))}` }
        },
        check: found,
      },
    ],
  },
  {
    section: '§9.1',
    method: 'GET',
    path: `${units}<unit>/`,
    does: 'Retrieve a unit',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with its children',
        arrange: async (world) => ({ at: await aUnit(world) }),
        check: ({ answer, wanted }) => {
          assert.equal(valueAt(answer.body, '_id'), wanted.at?.['unit'])
          assert.deepEqual(valueAt(answer.body, 'children'), {})
        },
      },
      missingUnit,
    ],
  },
  {
    section: '§9.1',
    method: 'GET',
    path: `${units}<unit>/pulp_user_metadata/`,
    does: 'Retrieve what users noted of a unit',
    rights: ['read'],
    cases: [{ status: 200, when: 'for a unit', arrange: async (world) => ({ at: await aUnit(world) }) }, missingUnit],
  },
  {
    section: '§9.1',
    method: 'PUT',
    path: `${units}<unit>/pulp_user_metadata/`,
    does: 'Replace what users noted of a unit',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with any value, which is shown then',
        arrange: async (world) => ({ at: await aUnit(world), body: { seen: true } }),
        check: async (seen, world) => {
          saysNothing(seen)
          const { type, unit } = seen.wanted.at ?? {}
          assert.deepEqual(await shown(world, `content/units/${type}/${unit}/pulp_user_metadata/`), { seen: true })
        },
      },
      { ...missingUnit, arrange: () => ({ at: noUnit, body: {} }) },
    ],
  },
]
