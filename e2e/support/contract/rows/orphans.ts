import assert from 'node:assert/strict'
import { listAt, missing, refused, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { anOrphan, unitType } from '../scenes.ts'

const base = '/pulp/api/v2/content/orphans/'
const tags = ['pulp:content_unit:orphans']
const noType = { at: { type: 'no_such_type', unit: 'x' } }

/** pulp2-api §9.2. */
export const orphans: readonly Operation[] = [
  {
    section: '§9.2',
    method: 'GET',
    path: base,
    does: 'Count the units in no repository, by type',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for every type',
        arrange: async (world) => ({ at: await anOrphan(world) }),
        check: ({ answer }) => {
          assert.ok(Number(valueAt(answer.body, unitType, 'count')) > 0)
          assert.equal(valueAt(answer.body, unitType, '_href'), `${base}${unitType}/`)
        },
      },
    ],
  },
  {
    section: '§9.2',
    method: 'GET',
    path: `${base}<type>/`,
    does: 'List the units of a type in no repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with a link to each',
        arrange: async (world) => ({ at: await anOrphan(world) }),
        check: ({ answer, wanted }) =>
          assert.ok(listAt(answer.body).some((unit) => valueAt(unit, '_id') === wanted.at?.['unit'])),
      },
      missing('a type', () => noType, { content_type_id: 'no_such_type' }),
    ],
  },
  {
    section: '§9.2',
    method: 'GET',
    path: `${base}<type>/<unit>/`,
    does: 'Retrieve a unit in no repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for one that is there',
        arrange: async (world) => ({ at: await anOrphan(world) }),
        check: ({ answer, wanted }) => assert.equal(valueAt(answer.body, '_id'), wanted.at?.['unit']),
      },
      missing('a unit', () => ({ at: { type: unitType, unit: 'x' } }), { content_type: unitType, content_unit: 'x' }),
    ],
  },
  {
    section: '§9.2',
    method: 'DELETE',
    path: base,
    does: 'Delete all units in no repository',
    rights: ['delete'],
    tags,
    cases: [{ status: 202, when: 'for whatever is there', arrange: async (world) => ({ at: await anOrphan(world) }) }],
  },
  {
    section: '§9.2',
    method: 'DELETE',
    path: `${base}<type>/`,
    does: 'Delete the units of a type in no repository',
    rights: ['delete'],
    tags,
    cases: [
      { status: 202, when: 'for a type', arrange: async (world) => ({ at: await anOrphan(world) }) },
      missing('a type', () => noType, { content_type_id: 'no_such_type' }),
    ],
  },
  {
    section: '§9.2',
    method: 'DELETE',
    path: `${base}<type>/<unit>/`,
    does: 'Delete a unit in no repository',
    rights: ['delete'],
    tags,
    cases: [
      { status: 202, when: 'for one that is there', arrange: async (world) => ({ at: await anOrphan(world) }) },
      missing('a unit', () => ({ at: { type: unitType, unit: 'x' } }), { content_type: unitType, content_unit: 'x' }),
    ],
  },
  {
    section: '§9.2',
    method: 'POST',
    path: '/pulp/api/v2/content/actions/delete_orphans/',
    does: 'Delete units in no repository by their names',
    rights: ['delete'],
    tags: [...tags, 'pulp:action:delete_orphans'],
    cases: [
      {
        status: 202,
        when: 'for a list of one',
        arrange: async (world) => {
          const { type, unit } = await anOrphan(world)
          return { body: [{ content_type_id: type, unit_id: unit }] }
        },
      },
      {
        status: 202,
        when: 'for an entry that names nothing, whose task is an error',
        ends: 'error',
        code: 'PLP0015',
        arrange: () => ({ body: [{}] }),
      },
      refused('for a body that is no list', 'PLP1015', () => ({ body: {} })),
    ],
  },
]
