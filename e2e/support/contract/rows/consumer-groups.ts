import assert from 'node:assert/strict'
import { aConsumer, aConsumerGroup, anyConsumer, files, missingGroup, order } from '../consumer-scenes.ts'
import { isGone, listAt, missing, refused, saysNothing, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import type { World } from '../world.ts'
import { searches } from './consumers.ts'

const section = '§15'
const base = '/pulp/api/v2/consumer_groups/'
const single = `${base}<group_id>/`

/** A 400 with an error for each thing that is wrong. */
function validation(when: string, body: object, subErrors: readonly unknown[]): Case {
  return {
    ...refused(when, 'PLP1000', () => ({ body })),
    check: ({ answer }) => {
      const found = listAt(answer.body, 'error', 'sub_errors').map((one) => [
        valueAt(one, 'code'),
        valueAt(one, 'data'),
      ])
      assert.deepEqual(found, subErrors)
    },
  }
}

const chosen = (consumer_id: string) => ({ criteria: { filters: { id: consumer_id } } })

/** pulp2-api §15: groups of consumers. */
export const consumerGroups: readonly Operation[] = [
  {
    section,
    method: 'GET',
    path: base,
    does: 'List the groups of consumers',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with their consumers',
        arrange: async (world) => ({ at: await aConsumerGroup(world) }),
        check: ({ answer, wanted: { at } }) => {
          const found = listAt(answer.body).find((group) => valueAt(group, 'id') === at?.['group_id'])
          assert.deepEqual(valueAt(found, 'consumer_ids'), [at?.['consumer_id']])
        },
      },
    ],
  },
  {
    section,
    method: 'POST',
    path: base,
    does: 'Create a group of consumers',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with an id alone',
        arrange: (world) => ({ body: { id: world.name('new') } }),
        check: ({ answer }) => {
          const { display_name, notes, consumer_ids, scratchpad } = Object(answer.body)
          assert.deepEqual([display_name, notes, consumer_ids, scratchpad], [null, {}, [], null])
        },
      },
      validation('without an id', {}, [['PLP1002', { field: 'group_id' }]]),
      validation('for illegal characters and a consumer that is missing', { id: 'a.b', consumer_ids: ['nobody'] }, [
        ['PLP1003', { field: 'group_id' }],
        ['PLP1001', { consumer_id: 'nobody' }],
      ]),
      refused('for a member that groups have not', 'PLP0015', () => ({ body: { id: 'x', age: 1 } }), ['age']),
      {
        status: 409,
        when: 'for an id that is taken',
        code: 'PLP0018',
        arrange: async (world) => ({ body: { id: (await aConsumerGroup(world)).group_id } }),
      },
    ],
  },
  {
    section,
    method: 'GET',
    path: single,
    does: 'Retrieve a group of consumers',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by its id',
        arrange: async (world) => ({ at: await aConsumerGroup(world) }),
        check: ({ answer, wanted }) =>
          assert.equal(valueAt(answer.body, '_href'), `${base}${wanted.at?.['group_id']}/`),
      },
      missingGroup(),
    ],
  },
  {
    section,
    method: 'PUT',
    path: single,
    does: 'Update a group of consumers',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'with a note that is falsy',
        asks: ['display_name', 'description', 'notes'],
        arrange: async (world) => ({
          at: await aConsumerGroup(world, { notes: { a: 1, b: 2 } }),
          body: { display_name: 'G', description: 'd', notes: { a: '' } },
        }),
        check: ({ answer }) => {
          const { display_name, description, notes } = Object(answer.body)
          assert.deepEqual([display_name, description, notes], ['G', 'd', { b: 2 }])
        },
      },
      { status: 200, when: 'without a body', arrange: async (world) => ({ at: await aConsumerGroup(world) }) },
      refused(
        'for a member that cannot be changed',
        'PLP0015',
        async (world) => ({ at: await aConsumerGroup(world), body: { delta: {} } }),
        ['delta'],
      ),
      missingGroup({ body: {} }),
    ],
  },
  {
    section,
    method: 'DELETE',
    path: single,
    does: 'Delete a group of consumers',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a group, which is gone then',
        arrange: async (world) => ({ at: await aConsumerGroup(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          await isGone(world, `consumer_groups/${seen.wanted.at?.['group_id']}/`)
        },
      },
      missingGroup(),
    ],
  },
  ...searches(
    '',
    'Search for groups of consumers',
    async (world) => ({ id: (await aConsumerGroup(world)).group_id }),
    base,
  ),
  ...memberships(),
  ...bindings(),
  ...['install', 'update', 'uninstall'].map(
    (action): Operation => ({
      section,
      method: 'POST',
      path: `${single}actions/content/${action}/`,
      route: `${single}actions/content/<action>/`,
      does: `Have units ${action === 'update' ? 'updated' : `${action}ed`} on the consumers of a group`,
      rights: ['create'],
      tags: ['pulp:consumer:<consumer_id>', `pulp:action:unit_${action}`],
      cases: [
        {
          status: 202,
          when: 'with a task for each of their agents',
          ends: 'canceled',
          arrange: async (world) => ({ at: await aConsumerGroup(world), body: order }),
          check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 'result'), {}),
        },
        refused(
          'without units',
          'PLP0016',
          async (world) => ({ at: await aConsumerGroup(world), body: { options: {} } }),
          ['units'],
        ),
        missingGroup({ body: order }),
      ],
    }),
  ),
  {
    section: '§2.4',
    method: 'POST',
    path: `${single}actions/content/<action>/`,
    does: 'Ask a group of consumers for an action that is none',
    rights: ['create'],
    cases: [
      {
        status: 400,
        when: 'for any other word',
        form: 'text',
        arrange: async (world) => ({ at: { ...(await aConsumerGroup(world)), action: 'eat' }, body: order }),
        check: ({ answer }) => assert.equal(answer.body, 'bad request'),
      },
    ],
  },
]

function memberships(): readonly Operation[] {
  return (['associate', 'unassociate'] as const).map((action) => ({
    section,
    method: 'POST',
    path: `${single}actions/${action}/`,
    does: action === 'associate' ? 'Put consumers into a group' : 'Take consumers out of a group',
    rights: ['execute'],
    cases: [
      {
        status: 200,
        when: 'by criteria, with those that are in it then',
        asks: ['criteria'],
        arrange: async (world: World) => {
          const { group_id } = await aConsumerGroup(world)
          const { consumer_id } = action === 'associate' ? await aConsumer(world) : await anyConsumer(world)
          return { at: { group_id, consumer_id }, body: chosen(consumer_id) }
        },
        check: ({ answer, wanted: { at } }) => {
          const isIn = listAt(answer.body).includes(at?.['consumer_id'])
          assert.deepEqual([isIn, listAt(answer.body).length], action === 'associate' ? [true, 2] : [false, 0])
        },
      },
      refused(
        'for criteria that are none',
        'PLP0015',
        async (world) => ({ at: await aConsumerGroup(world), body: { criteria: { x: 1 } } }),
        ['x'],
      ),
      missingGroup({ body: {} }),
    ],
  }))
}

function bindings(): readonly Operation[] {
  const names = [
    'pulp:consumer:<consumer_id>',
    'pulp:repository:<repo_id>',
    'pulp:repository_distributor:<distributor_id>',
  ]
  const both = async (world: World) => ({ ...(await aConsumerGroup(world)), ...(await files(world)) })
  return [
    {
      section,
      method: 'POST',
      path: `${single}bindings/`,
      does: 'Bind the consumers of a group to a repository',
      rights: ['create'],
      tags: [...names, 'pulp:action:agent_bind'],
      cases: [
        {
          status: 202,
          when: 'with a task for each of their agents',
          asks: ['repo_id', 'distributor_id', 'options', 'binding_config', 'notify_agent'],
          ends: 'canceled',
          arrange: async (world) => {
            const at = await both(world)
            const { repo_id, distributor_id } = at
            return { at, body: { repo_id, distributor_id, options: {}, binding_config: {}, notify_agent: true } }
          },
        },
        refused(
          'for a repository that is missing',
          'PLP0015',
          async (world) => ({ at: await aConsumerGroup(world), body: { repo_id: 'no', distributor_id: 'no' } }),
          ['repo_id'],
        ),
        missingGroup({ body: { repo_id: 'no', distributor_id: 'no' } }),
      ],
    },
    {
      section,
      method: 'DELETE',
      path: `${single}bindings/<repo_id>/<distributor_id>/`,
      does: 'Unbind the consumers of a group from a repository',
      rights: ['delete'],
      tags: [...names, 'pulp:action:agent_unbind'],
      cases: [
        {
          status: 202,
          when: 'with a task for each of their agents',
          asks: ['force', 'options'],
          ends: 'canceled',
          arrange: async (world) => {
            const at = await both(world)
            const { repo_id, distributor_id } = at
            await world.make('POST', `consumer_groups/${at.group_id}/bindings/`, { repo_id, distributor_id })
            return { at, body: { force: true, options: {} } }
          },
        },
        missing(
          'a distributor',
          async (world) => ({ at: { ...(await aConsumerGroup(world)), repo_id: 'no', distributor_id: 'nor' } }),
          { repo_id: 'no', distributor_id: 'nor' },
        ),
        missingGroup({}, { repo_id: 'no', distributor_id: 'nor' }),
      ],
    },
  ]
}
