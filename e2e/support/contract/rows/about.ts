import assert from 'node:assert/strict'
import { listAt, missing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'

const plugins = '/pulp/api/v2/plugins/'

/** pulp2-api §14: status and plugins; and the documents of this API. */
export const about: readonly Operation[] = [
  {
    section: '§14',
    method: 'GET',
    path: '/pulp/api/v2/status/',
    does: 'Show that the server is up, and its workers',
    rights: ['public'],
    cases: [
      {
        status: 200,
        when: 'with workers and their heartbeats',
        arrange: () => ({}),
        check: ({ answer }) => {
          assert.equal(valueAt(answer.body, 'database_connection', 'connected'), true)
          const names = listAt(answer.body, 'known_workers').map((worker) => String(valueAt(worker, '_id')))
          for (const kind of ['scheduler@', 'resource_manager@', 'reserved_resource_worker-']) {
            assert.ok(
              names.some((name) => name.startsWith(kind)),
              kind,
            )
          }
        },
      },
    ],
  },
  ...kind('types', 'content types', 'rpm', 'type'),
  ...kind('importers', 'importers', 'yum_importer', 'importer_type_id'),
  ...kind('distributors', 'distributors', 'yum_distributor', 'distributor_type_id'),
  {
    section: 'ours',
    method: 'GET',
    path: '/pulp/api/v2/openapi.json',
    does: 'Describe this API in OpenAPI',
    rights: ['public'],
    extension: true,
    cases: [
      {
        status: 200,
        when: 'with every path',
        arrange: () => ({}),
        check: ({ answer }) => {
          assert.match(String(valueAt(answer.body, 'openapi')), /^3\.1\./)
          assert.ok(valueAt(answer.body, 'paths', '/repositories/', 'post'))
        },
      },
    ],
  },
  {
    section: 'ours',
    method: 'GET',
    path: '/pulp/api/v2/docs/',
    does: 'Browse and try this API',
    rights: ['public'],
    extension: true,
    cases: [{ status: 200, when: 'with a page', form: 'page', arrange: () => ({}) }],
  },
]

function kind(word: string, what: string, known: string, resource: string): Operation[] {
  return [
    {
      section: '§14',
      method: 'GET',
      path: `${plugins}${word}/`,
      does: `List the ${what} of the server`,
      rights: ['read'],
      cases: [
        {
          status: 200,
          when: 'with those of all plugins',
          arrange: () => ({}),
          check: ({ answer }) => assert.ok(listAt(answer.body).some((one) => valueAt(one, 'id') === known)),
        },
      ],
    },
    {
      section: '§14',
      method: 'GET',
      path: `${plugins}${word}/<id>/`,
      does: `Retrieve one of the ${what}`,
      rights: ['read'],
      cases: [
        {
          status: 200,
          when: 'by its id',
          arrange: () => ({ at: { id: known } }),
          check: ({ answer }) => assert.equal(valueAt(answer.body, '_href'), `${plugins}${word}/${known}/`),
        },
        missing('one', () => ({ at: { id: 'missing' } }), { [resource]: 'missing' }),
      ],
    },
  ]
}
