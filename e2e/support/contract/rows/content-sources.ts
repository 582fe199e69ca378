import assert from 'node:assert/strict'
import { missing, refused, says, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'

const base = '/pulp/api/v2/content/sources/'
const near = { source_id: 'near' }
const nowhere = { source_id: 'no' }

/** pulp2-api §9.4: alternate content sources. The server's files declare one, `near`. */
export const contentSources: readonly Operation[] = [
  {
    section: '§9.4',
    method: 'GET',
    path: base,
    does: 'List the alternate content sources',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with the strings of their files, passwords masked',
        arrange: () => ({}),
        check: ({ answer }) => {
          const { source_id, enabled, type, proxy_password, _href } = Object(valueAt(answer.body, 0))
          assert.deepEqual(
            [source_id, enabled, type, proxy_password, _href],
            ['near', '1', 'yum', '*****', `${base}near/`],
          )
        },
      },
    ],
  },
  {
    section: '§9.4',
    method: 'GET',
    path: `${base}<source_id>/`,
    does: 'Retrieve a content source',
    rights: ['read'],
    cases: [
      { status: 200, when: 'by its id', arrange: () => ({ at: near }), check: says('type', 'yum') },
      missing('a source', () => ({ at: nowhere }), { source_id: 'no' }),
    ],
  },
  {
    section: '§9.4',
    method: 'POST',
    path: `${base}action/<action>/`,
    does: 'Read the catalogs of all content sources',
    rights: ['update'],
    tags: ['pulp:action:refresh_all_content_sources', 'pulp:content_source:near'],
    differs: [
      'Another action than `refresh` is a 400 with an error object; real servers answered the text `bad request`.',
    ],
    cases: [
      {
        status: 202,
        when: 'for refresh',
        arrange: () => ({ at: { action: 'refresh' } }),
        check: ({ tasks }) => assert.equal(valueAt(tasks[0]?.result, 0, 'source_id'), 'near'),
      },
      refused('for another action', 'PLP0000', () => ({ at: { action: 'x' } })),
    ],
  },
  {
    section: '§9.4',
    method: 'POST',
    path: `${base}<source_id>/action/<action>/`,
    does: 'Read the catalog of a content source',
    rights: ['update'],
    tags: ['pulp:action:refresh_content_source', 'pulp:content_source:<source_id>'],
    cases: [
      {
        status: 202,
        when: 'for refresh, with the number of its files',
        arrange: () => ({ at: { ...near, action: 'refresh' } }),
        check: ({ tasks }) => {
          assert.ok(Number(valueAt(tasks[0]?.result, 0, 'added_count')) > 0)
        },
      },
      missing('a source', () => ({ at: { ...nowhere, action: 'refresh' } }), { source_id: 'no' }),
      refused('for another action', 'PLP0000', () => ({ at: { ...near, action: 'x' } })),
    ],
  },
  {
    section: '§9.4',
    method: 'DELETE',
    path: '/pulp/api/v2/content/catalog/<source_id>/',
    does: 'Forget the catalog of a content source',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'with the number of its files',
        arrange: async (world) => {
          await world.finish('POST', 'content/sources/near/action/refresh/')
          return { at: near }
        },
        check: ({ answer }) => assert.ok(Number(valueAt(answer.body, 'deleted')) > 0),
      },
      {
        status: 200,
        when: 'for a source that is not there, too',
        arrange: () => ({ at: nowhere }),
        check: says('deleted', 0),
      },
    ],
  },
]
