import assert from 'node:assert/strict'
import { aConsumer, anyConsumer, missingConsumer } from '../consumer-scenes.ts'
import { listAt, refused, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { mirror, sync } from '../scenes.ts'
import type { World } from '../world.ts'

const root = '/pulp/api/v2/'
const tags = ['pulp:action:content_applicability_regeneration']
const applicability = 'pulp.server.managers.consumer.applicability'

/** A consumer with an old build of a package of the repository that it is bound to. */
async function outdated(world: World) {
  const { repo_id, distributor_id } = await mirror(world)
  await sync(world, repo_id)
  const criteria = { type_ids: ['rpm'], limit: 1 }
  const found = await world.make('POST', `repositories/${repo_id}/search/units/`, { criteria })
  const { name, arch } = Object(valueAt(found, 0, 'metadata'))
  const { consumer_id } = await aConsumer(world)
  const profile = [{ name, arch, epoch: 0, version: '0', release: '0', vendor: null }]
  await world.make('POST', `consumers/${consumer_id}/profiles/`, { content_type: 'rpm', profile })
  const binding = { repo_id, distributor_id, notify_agent: false }
  await world.make('POST', `consumers/${consumer_id}/bindings/`, binding)
  return { repo_id, consumer_id, unit: String(valueAt(found, 0, 'unit_id')) }
}

const only = (id: string | undefined) => ({ filters: { id } })

/** What was made is told. */
async function isTold(world: World, at: Readonly<Record<string, string>> = {}) {
  const told = await world.make('POST', 'consumers/content/applicability/', { criteria: only(at['consumer_id']) })
  assert.deepEqual(valueAt(told, 0, 'consumers'), [at['consumer_id']])
  assert.ok(listAt(valueAt(told, 0, 'applicability', 'rpm')).includes(at['unit']))
}

/** pulp2-api §7 and §15: what of repositories applies to the consumers that are bound to them. */
export const applicabilityRows: readonly Operation[] = [
  {
    section: '§7',
    method: 'POST',
    path: `${root}repositories/actions/content/regenerate_applicability/`,
    does: 'Make anew what of repositories applies',
    rights: ['create'],
    tags,
    cases: [
      {
        status: 202,
        when: 'with one task',
        asks: ['repo_criteria'],
        arrange: async (world) => {
          const at = await outdated(world)
          return { at, body: { repo_criteria: only(at.repo_id) } }
        },
        check: async ({ tasks: [task], wanted: { at } }, world) => {
          assert.equal(task?.task_type, `${applicability}.regenerate_applicability_for_repos`)
          await isTold(world, at)
        },
      },
      {
        status: 202,
        when: 'with a group of tasks that run side by side',
        asks: ['repo_criteria', 'parallel'],
        arrange: async (world) => {
          const at = await outdated(world)
          return { at, body: { repo_criteria: only(at.repo_id), parallel: true } }
        },
        check: async ({ answer: { body }, wanted: { at } }, world) => {
          const { group_id, _href, ...rest } = Object(body)
          assert.deepEqual([_href, rest], [`${root}task_groups/${group_id}/`, {}])
          assert.equal(valueAt(await world.groupEnded(group_id), 'finished'), 1)
          await isTold(world, at)
        },
      },
      refused('without criteria', 'PLP0016', () => ({ body: {} }), ['repo_criteria']),
      refused('for a flag that is none', 'PLP0015', () => ({ body: { repo_criteria: {}, parallel: 1 } }), ['parallel']),
      refused('for an unknown member of the criteria', 'PLP0015', () => ({ body: { repo_criteria: { odd: 1 } } }), [
        'odd',
      ]),
      refused('for a body that is a list', 'PLP1015', () => ({ body: [] })),
    ],
  },
  {
    section: '§15',
    method: 'POST',
    path: `${root}consumers/actions/content/regenerate_applicability/`,
    does: 'Make anew what applies to consumers',
    rights: ['create'],
    tags,
    cases: [
      {
        status: 202,
        when: 'of all repositories that they are bound to',
        asks: ['consumer_criteria'],
        arrange: async (world) => {
          const at = await outdated(world)
          return { at, body: { consumer_criteria: only(at.consumer_id) } }
        },
        check: async ({ tasks: [task], wanted: { at } }, world) => {
          assert.equal(task?.task_type, `${applicability}.regenerate_applicability_for_consumers`)
          await isTold(world, at)
        },
      },
      refused('without criteria', 'PLP0016', () => ({ body: {} }), ['consumer_criteria']),
      refused('for criteria that are none', 'PLP0015', () => ({ body: { consumer_criteria: 1 } }), [
        'consumer_criteria',
      ]),
    ],
  },
  {
    section: '§15',
    method: 'POST',
    path: `${root}consumers/<consumer_id>/actions/content/regenerate_applicability/`,
    does: 'Make anew what applies to a consumer',
    rights: ['create'],
    tags: ['pulp:action:consumer_content_applicability_regeneration'],
    cases: [
      {
        status: 202,
        when: 'of all repositories that it is bound to',
        arrange: async (world) => ({ at: await outdated(world) }),
        check: ({ wanted: { at } }, world) => isTold(world, at),
      },
      missingConsumer('consumer'),
    ],
  },
  {
    section: '§15',
    method: 'POST',
    path: `${root}consumers/content/applicability/`,
    does: 'Query what applies to consumers',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by types of units',
        asks: ['criteria', 'content_types'],
        arrange: async (world) => {
          const at = await outdated(world)
          await world.finish('POST', `consumers/${at.consumer_id}/actions/content/regenerate_applicability/`)
          return { at, body: { criteria: only(at.consumer_id), content_types: ['rpm'] } }
        },
        check: ({ answer: { body }, wanted: { at } }) => {
          const { consumers, applicability: units } = Object(valueAt(body, 0))
          assert.deepEqual([consumers, Object.keys(units), listAt(body).length], [[at?.['consumer_id']], ['rpm'], 1])
          assert.ok(units.rpm.includes(at?.['unit']))
        },
      },
      {
        status: 200,
        when: 'and tells nothing where nothing was made',
        arrange: async (world) => ({ body: { criteria: only((await anyConsumer(world)).consumer_id) } }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
      { status: 400, when: 'without criteria', form: 'text', arrange: () => ({ body: {} }) },
      {
        status: 400,
        when: 'for types that are no list',
        form: 'text',
        arrange: () => ({ body: { criteria: {}, content_types: 'rpm' } }),
      },
    ],
  },
]
