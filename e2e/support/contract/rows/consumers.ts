import assert from 'node:assert/strict'
import { aConsumer, anyConsumer, missingConsumer, order } from '../consumer-scenes.ts'
import { isGone, listAt, refused, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/consumers/'
const single = `${base}<consumer_id>/`
const section = '§15'

/** pulp2-api §15: consumers, what happened to them, what their agents do to units. */
export const consumers: readonly Operation[] = [
  {
    section,
    method: 'GET',
    path: base,
    does: 'List the consumers',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with what they are bound to',
        asks: ['bindings'],
        arrange: async (world) => ({ at: await anyConsumer(world), query: 'bindings=True' }),
        check: ({ answer, wanted }) => {
          const found = listAt(answer.body).find((one) => valueAt(one, 'id') === wanted.at?.['consumer_id'])
          assert.ok(Array.isArray(valueAt(found, 'bindings')))
        },
      },
    ],
  },
  {
    section,
    method: 'POST',
    path: base,
    does: 'Register a consumer',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with a certificate',
        asks: ['id', 'display_name', 'description', 'notes', 'rsa_pub'],
        arrange: (world) => ({
          body: { id: world.name('new'), display_name: null, description: 'd', notes: { a: 1 }, rsa_pub: 'PEM' },
        }),
        check: ({ answer }) => {
          const { id, display_name, notes, rsa_pub, capabilities } = Object(valueAt(answer.body, 'consumer'))
          assert.deepEqual([display_name, notes, rsa_pub, capabilities], [id, { a: 1 }, 'PEM', {}])
          assert.match(String(valueAt(answer.body, 'certificate')), /^-----BEGIN RSA PRIVATE KEY-----/)
        },
      },
      refused('without an id', 'PLP0016', () => ({ body: {} }), ['id']),
      refused('for an id with illegal characters', 'PLP0015', () => ({ body: { id: 'a b' } }), ['id']),
      refused('for a body that is a list', 'PLP1015', () => ({ body: [] })),
      {
        status: 409,
        when: 'for an id that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: { id: (await anyConsumer(world)).consumer_id } }),
      },
    ],
  },
  {
    section,
    method: 'GET',
    path: single,
    does: 'Retrieve a consumer',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with its details',
        asks: ['details'],
        arrange: async (world) => ({ at: await anyConsumer(world), query: 'details=true' }),
        check: ({ answer, wanted }) => {
          assert.equal(valueAt(answer.body, '_href'), `${base}${wanted.at?.['consumer_id']}/`)
          assert.ok(Array.isArray(valueAt(answer.body, 'bindings')))
        },
      },
      missingConsumer('consumer'),
    ],
  },
  {
    section,
    method: 'PUT',
    path: single,
    does: 'Update a consumer',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with notes that are merged',
        arrange: async (world) => ({
          at: await aConsumer(world, { notes: { a: 1, b: 2 } }),
          body: { delta: { display_name: 'D', notes: { a: null, c: 3 } } },
        }),
        check: ({ answer }) => {
          const { display_name, notes } = Object(answer.body)
          assert.deepEqual([display_name, notes], ['D', { b: 2, c: 3 }])
        },
      },
      refused('without a delta', 'PLP0016', async (world) => ({ at: await anyConsumer(world), body: {} }), ['delta']),
      missingConsumer('consumer', { body: { delta: {} } }),
    ],
  },
  {
    section,
    method: 'DELETE',
    path: single,
    does: 'Unregister a consumer',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a consumer, which is gone then',
        arrange: async (world) => ({ at: await aConsumer(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `consumers/${seen.wanted.at?.['consumer_id']}/`)
        },
      },
      missingConsumer('consumer'),
    ],
  },
  ...searches('', 'Search for consumers', async (world) => ({ id: (await anyConsumer(world)).consumer_id })),
  {
    section,
    method: 'GET',
    path: `${single}history/`,
    does: 'Retrieve the history of a consumer',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'of one type, between two days',
        asks: ['event_type', 'limit', 'sort', 'start_date', 'end_date'],
        arrange: async (world) => ({
          at: await anyConsumer(world),
          query: 'event_type=consumer_registered&limit=3&sort=ascending&start_date=2016-01-01&end_date=2999-12-31',
        }),
        check: ({ answer }) => {
          const [{ type, originator, details }, ...rest] = listAt(answer.body).map(Object)
          assert.deepEqual([type, originator, details, rest], ['consumer_registered', 'admin', null, []])
        },
      },
      refused(
        'for a date with a time, and a type that is none',
        'PLP0015',
        async (world) => ({
          at: await anyConsumer(world),
          query: 'event_type=x&limit=0&sort=up&start_date=2016-01-01T00:00:00Z&end_date=x',
        }),
        ['event_type', 'limit', 'sort', 'start_date', 'end_date'],
      ),
      missingConsumer('consumer'),
    ],
  },
  ...['install', 'update', 'uninstall'].map(
    (action): Operation => ({
      section,
      method: 'POST',
      path: `${single}actions/content/${action}/`,
      route: `${single}actions/content/<action>/`,
      does: `Have units ${action === 'update' ? 'updated' : `${action}ed`} on a consumer`,
      rights: ['create'],
      tags: ['pulp:consumer:<consumer_id>', `pulp:action:unit_${action}`],
      cases: [
        {
          status: 202,
          when: 'with a task for its agent',
          ends: 'canceled',
          arrange: async (world) => ({ at: await anyConsumer(world), body: order }),
          check: ({ tasks: [task] }) => assert.deepEqual([task?.task_type, task?.worker_name], [null, 'agent']),
        },
        refused('without units and options', 'PLP0016', async (world) => ({ at: await anyConsumer(world), body: {} }), [
          'units',
          'options',
        ]),
        refused(
          'for units that are no list',
          'PLP0015',
          async (world) => ({ at: await anyConsumer(world), body: { ...order, units: 'zsh' } }),
          ['units'],
        ),
        missingConsumer('consumer_id', { body: order }),
      ],
    }),
  ),
  {
    section: '§2.4',
    method: 'POST',
    path: `${single}actions/content/<action>/`,
    does: 'Ask a consumer for an action that is none',
    rights: ['create'],
    cases: [
      {
        status: 400,
        when: 'for any other word',
        form: 'text',
        arrange: async (world) => ({ at: { ...(await anyConsumer(world)), action: 'eat' }, body: order }),
        check: ({ answer }) => assert.equal(answer.body, 'bad request'),
      },
    ],
  },
]

/** A search by POST and by GET, for one that is there. */
export function searches(
  noun: string,
  does: string,
  filters: (world: World) => Promise<object>,
  collection = base,
): readonly Operation[] {
  const path = `${collection}${noun}search/`
  const check: Operation['cases'][number]['check'] = ({ answer }) => assert.equal(listAt(answer.body).length, 1)
  return [
    {
      section,
      method: 'POST',
      path,
      does,
      rights: ['read'],
      cases: [
        {
          status: 200,
          when: 'by criteria',
          arrange: async (world) => ({ body: { criteria: { filters: await filters(world), limit: 5 } } }),
          check,
        },
        refused('without criteria', 'PLP0016', () => ({ body: {} }), ['criteria']),
        refused('for a member that criteria have not', 'PLP0015', () => ({ body: { criteria: { x: 1 } } }), ['x']),
      ],
    },
    {
      section,
      method: 'GET',
      path,
      does: `${does} by the query`,
      rights: ['read'],
      cases: [
        {
          status: 200,
          when: 'by criteria',
          arrange: async (world) => ({ query: `filters=${encodeURIComponent(JSON.stringify(await filters(world)))}` }),
          check,
        },
        refused('for filters that are no JSON', 'PLP0015', () => ({ query: 'filters=x' }), ['filters']),
      ],
    },
  ]
}
