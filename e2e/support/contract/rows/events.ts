import assert from 'node:assert/strict'
import { isGone, listAt, missing, refused, says, saysNothing, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/events/'
const event_types = ['repo.sync.finish']
const http = {
  notifier_type_id: 'http',
  notifier_config: { url: 'http://127.0.0.1:1/', password: 'geheim' },
  event_types,
}
const nobody = { event_id: 'no' }

async function aListener(world: World) {
  return { event_id: String(valueAt(await world.make('POST', 'events/', http), 'id')) }
}

/** pulp2-api §13: listeners of events. */
export const events: readonly Operation[] = [
  {
    section: '§13',
    method: 'GET',
    path: base,
    does: 'List the listeners of events',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with their passwords masked',
        arrange: async (world) => ({ at: await aListener(world) }),
        check: ({ answer, wanted }) => {
          const found = listAt(answer.body).find((one) => valueAt(one, 'id') === wanted.at?.['event_id'])
          assert.equal(valueAt(found, 'notifier_config', 'password'), '*****')
        },
      },
    ],
  },
  {
    section: '§13',
    method: 'POST',
    path: base,
    does: 'Add a listener',
    rights: ['create'],
    differs: [
      'Listeners by `amqp` are a 400 that names `notifier_type_id`, and so are those by `email` without `DECKLE_SMTP_URL`. A `notifier_config` that cannot work is a 400, too.',
    ],
    cases: [
      {
        status: 201,
        when: 'by an HTTP request',
        arrange: () => ({ body: http }),
        check: says('event_types', event_types),
      },
      refused('without types of events', 'PLP0015', () => ({ body: { ...http, event_types: [] } }), ['event_types']),
      refused('for a type that is not there', 'PLP0015', () => ({ body: { ...http, event_types: ['x'] } }), [
        'event_types',
      ]),
      refused('by amqp', 'PLP0015', () => ({ body: { notifier_type_id: 'amqp', event_types } }), ['notifier_type_id']),
      refused(
        'by email without a mail server',
        'PLP0015',
        () => ({ body: { notifier_type_id: 'email', event_types } }),
        ['notifier_type_id'],
      ),
      refused(
        'at a link-local address',
        'PLP0015',
        () => ({ body: { ...http, notifier_config: { url: 'http://169.254.169.254/' } } }),
        ['notifier_config'],
      ),
    ],
  },
  {
    section: '§13',
    method: 'GET',
    path: `${base}<event_id>/`,
    does: 'Retrieve a listener',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by its id',
        arrange: async (world) => ({ at: await aListener(world) }),
        check: says('notifier_type_id', 'http'),
      },
      missing('a listener', () => ({ at: nobody }), { event_listener: 'no' }),
    ],
  },
  {
    section: '§13',
    method: 'PUT',
    path: `${base}<event_id>/`,
    does: 'Update a listener',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with other types, and a key of the config that goes',
        arrange: async (world) => ({
          at: await aListener(world),
          body: { event_types: ['*'], notifier_config: { password: null } },
        }),
        check: ({ answer }) => {
          assert.deepEqual(valueAt(answer.body, 'event_types'), ['*'])
          assert.deepEqual(valueAt(answer.body, 'notifier_config'), { url: http.notifier_config.url })
        },
      },
      refused(
        'without types of events',
        'PLP0015',
        async (world) => ({ at: await aListener(world), body: { event_types: [] } }),
        ['event_types'],
      ),
      missing('a listener', () => ({ at: nobody }), { event_listener: 'no' }),
    ],
  },
  {
    section: '§13',
    method: 'DELETE',
    path: `${base}<event_id>/`,
    does: 'Remove a listener',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a listener, who is gone then',
        arrange: async (world) => ({ at: await aListener(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `events/${seen.wanted.at?.['event_id']}/`)
        },
      },
      missing('a listener', () => ({ at: nobody }), { event_listener: 'no' }),
    ],
  },
]
