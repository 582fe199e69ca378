import assert from 'node:assert/strict'
import { anyConsumer, bound, files, missingConsumer } from '../consumer-scenes.ts'
import { isGone, listAt, missing, refused, valueAt } from '../expect.ts'
import type { Operation, Wanted } from '../operation.ts'
import type { World } from '../world.ts'
import { searches } from './consumers.ts'

const section = '§15'
const base = '/pulp/api/v2/consumers/<consumer_id>/bindings/'
const single = `${base}<repo_id>/<distributor_id>/`
const names = [
  'pulp:consumer:<consumer_id>',
  'pulp:repository:<repo_id>',
  'pulp:repository_distributor:<distributor_id>',
]

const bindingOf = (at: Wanted['at']) => `consumers/${at?.['consumer_id']}/bindings/${at?.['repo_id']}/web/`

/** The binding that is shown has what the consumer needs. */
function holdsDetails(binding: unknown, at: Wanted['at'], { server }: World): void {
  const { type_id, details, _href, repo_id } = Object(binding)
  assert.equal(_href, `/pulp/api/v2/${bindingOf(at)}`)
  assert.deepEqual([type_id, repo_id], ['iso_distributor', at?.['repo_id']])
  assert.equal(details.relative_path, `/pulp/isos/${at?.['repo_id']}`)
  assert.equal(details.server_name, new URL(server.url).host)
}

/** pulp2-api §15: bindings. */
export const consumerBindings: readonly Operation[] = [
  {
    section,
    method: 'GET',
    path: base,
    does: 'List what a consumer is bound to',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with what it needs to reach that',
        arrange: async (world) => ({ at: await bound(world, false) }),
        check: ({ answer, wanted: { at } }, world) => {
          holdsDetails(
            listAt(answer.body).find((one) => valueAt(one, 'repo_id') === at?.['repo_id']),
            at,
            world,
          )
        },
      },
      missingConsumer('consumer_id'),
    ],
  },
  {
    section,
    method: 'POST',
    path: base,
    does: 'Bind a consumer to a repository',
    rights: ['create'],
    tags: [...names, 'pulp:action:agent_bind'],
    cases: [
      {
        status: 202,
        when: 'with a task for its agent',
        asks: ['repo_id', 'distributor_id', 'options'],
        ends: 'canceled',
        arrange: async (world) => {
          const [consumer, body] = [await anyConsumer(world), await files(world)]
          return { at: { ...consumer, ...body }, body: { ...body, options: {} } }
        },
        check: ({ answer, tasks: [task] }) => {
          const { notify_agent, deleted, consumer_actions } = Object(valueAt(answer.body, 'result'))
          assert.deepEqual([notify_agent, deleted, consumer_actions], [true, false, []])
          assert.deepEqual([task?.task_type, task?.worker_name], [null, 'agent'])
        },
      },
      {
        status: 200,
        when: 'at once where the agent is not told',
        asks: ['notify_agent', 'binding_config'],
        arrange: async (world) => ({
          at: await anyConsumer(world),
          body: { ...(await files(world)), notify_agent: false, binding_config: { a: 1 } },
        }),
        check: ({ answer }) => {
          const { result, spawned_tasks, error } = Object(answer.body)
          assert.deepEqual([result.binding_config, spawned_tasks, error], [{ a: 1 }, [], null])
        },
      },
      ...(['repo_id', 'distributor_id'] as const).map((name) =>
        refused(
          `for a ${name} that is missing`,
          'PLP0015',
          async (world) => ({ at: await anyConsumer(world), body: { ...(await files(world)), [name]: 'no' } }),
          [name],
        ),
      ),
      refused('without a repository', 'PLP0016', async (world) => ({ at: await anyConsumer(world), body: {} }), [
        'repo_id',
        'distributor_id',
      ]),
      missingConsumer('consumer', { body: { repo_id: 'no', distributor_id: 'no' } }),
    ],
  },
  {
    section,
    method: 'GET',
    path: `${base}<repo_id>/`,
    does: 'List what a consumer is bound to of a repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for a repository',
        arrange: async (world) => ({ at: await bound(world, false) }),
        check: ({ answer, wanted: { at } }, world) => {
          assert.equal(listAt(answer.body).length, 1)
          holdsDetails(valueAt(answer.body, 0), at, world)
        },
      },
      missing('a repository', async (world) => ({ at: { ...(await anyConsumer(world)), repo_id: 'no' } }), {
        repo_id: 'no',
      }),
      missing('a consumer and a repository', () => ({ at: { consumer_id: 'nobody', repo_id: 'no' } }), {
        repo_id: 'no',
        consumer_id: 'nobody',
      }),
    ],
  },
  {
    section,
    method: 'GET',
    path: single,
    does: 'Retrieve a binding',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with what its agent has still to do',
        arrange: async (world) => ({ at: await bound(world, true) }),
        check: ({ answer, wanted: { at } }, world) => {
          holdsDetails(answer.body, at, world)
          const [{ action, status }] = listAt(answer.body, 'consumer_actions').map(Object)
          assert.deepEqual([action, status], ['bind', 'pending'])
        },
      },
      missing(
        'a binding',
        async (world) => ({ at: { ...(await anyConsumer(world)), ...(await files(world)) } }),
        (at: Wanted['at']) => ({ bind_id: `${at?.['consumer_id']}.${at?.['repo_id']}.web` }),
      ),
    ],
  },
  {
    section,
    method: 'DELETE',
    path: single,
    does: 'Unbind a consumer',
    rights: ['delete'],
    tags: [...names, 'pulp:action:agent_unbind'],
    cases: [
      {
        status: 202,
        when: 'with a task for its agent; until then the binding is marked',
        ends: 'canceled',
        arrange: async (world) => ({ at: await bound(world, true) }),
        check: async ({ answer, wanted: { at } }, world) => {
          assert.equal(valueAt(answer.body, 'result', 'deleted'), true)
          assert.equal(valueAt(await world.make('GET', bindingOf(at)), 'deleted'), true)
        },
      },
      {
        status: 202,
        when: 'at once with force',
        asks: ['force', 'options'],
        ends: 'canceled',
        arrange: async (world) => ({ at: await bound(world, true), body: { force: true, options: {} } }),
        check: ({ wanted }, world) => isGone(world, bindingOf(wanted.at)),
      },
      {
        status: 200,
        when: 'at once where the agent is not told',
        arrange: async (world) => ({ at: await bound(world, false) }),
        check: ({ wanted }, world) => isGone(world, bindingOf(wanted.at)),
      },
      refused(
        'for a force that is no boolean',
        'PLP0015',
        async (world) => ({ at: await bound(world, false), body: { force: 'x' } }),
        ['force'],
      ),
      missing('a binding', () => ({ at: { consumer_id: 'nobody', repo_id: 'no', distributor_id: 'nor' } }), {
        bind_id: 'nobody.no.nor',
      }),
    ],
  },
  ...searches('binding/', 'Search for bindings', async (world) => ({ repo_id: (await bound(world, false)).repo_id })),
]
