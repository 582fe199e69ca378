import assert from 'node:assert/strict'
import { listAt, missing, refused, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, harness, mirror, publish, sync, unitType } from '../scenes.ts'
import type { World } from '../world.ts'

const repository = '/pulp/api/v2/repositories/<repo_id>/'
const nowhere = { at: { repo_id: 'missing', version: '1', other: '1' } }
const extra = { section: 'ours', extension: true } as const

/** A repository with two versions: of 20 units, and of 5 of them. */
async function shrunk(world: World) {
  const { repo_id } = await harness(world)
  await sync(world, repo_id, { num_units: '20' })
  await sync(world, repo_id)
  return { repo_id, version: '1', other: '2' }
}

/** A published yum repository, and another one that has the same distributor and nothing in it. */
async function pair(world: World) {
  const { repo_id: source, distributor_id } = await mirror(world)
  await sync(world, source)
  await publish(world, source, distributor_id)
  const { repo_id } = await mirror(world)
  return { repo_id, source }
}

/** The past of repositories; extensions. */
export const versions: readonly Operation[] = [
  {
    ...extra,
    method: 'GET',
    path: `${repository}versions/`,
    does: 'List the versions of a repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'newest first, with what was published',
        arrange: async (world) => {
          const at = await pair(world)
          return { at: { repo_id: at.source } }
        },
        check: ({ answer, wanted }) => {
          assert.equal(valueAt(answer.body, 0, 'version'), 1)
          assert.equal(valueAt(answer.body, 0, 'latest'), true)
          assert.equal(valueAt(answer.body, 0, 'publications', 0, 'path'), `/pulp/repos/yum/${wanted.at?.['repo_id']}`)
        },
      },
      missing('a repository', () => nowhere, { repo_id: 'missing' }),
    ],
  },
  {
    ...extra,
    method: 'GET',
    path: `${repository}versions/<version>/`,
    does: 'Retrieve a version of a repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with what it held',
        arrange: async (world) => ({ at: await shrunk(world) }),
        check: ({ answer }) => assert.equal(valueAt(answer.body, 'content_unit_counts', unitType), 20),
      },
      missing(
        'a version',
        async (world) => ({ at: { ...(await bare(world)), version: '1' } }),
        (at) => ({
          repository: at?.['repo_id'],
          version: '1',
        }),
      ),
    ],
  },
  {
    ...extra,
    method: 'GET',
    path: `${repository}versions/<version>/diff/<other>/`,
    does: 'Compare two versions of a repository',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'unit by unit',
        arrange: async (world) => ({ at: await shrunk(world) }),
        check: ({ answer }) => {
          const changes = listAt(answer.body)
          assert.equal(changes.length, 15)
          for (const change of changes) {
            assert.equal(valueAt(change, 'change'), 'removed')
            assert.equal(valueAt(change, 'type_id'), unitType)
            assert.match(String(valueAt(change, 'unit_key', 'name')), /^harness_unit_/)
          }
        },
      },
      missing('a repository', () => nowhere, { repo_id: 'missing' }),
    ],
  },
  {
    ...extra,
    method: 'POST',
    path: `${repository}actions/rollback/`,
    does: 'Go back to a version of a repository',
    rights: ['update'],
    tags: ['pulp:action:rollback', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'as a new version',
        asks: ['version', 'publish'],
        arrange: async (world) => ({ at: await shrunk(world), body: { version: 1, publish: false } }),
        check: async ({ tasks, wanted }, world) => {
          assert.deepEqual(valueAt(tasks[0]?.result, 'units'), { added: 15, updated: 0, removed: 0 })
          const version = await shown(world, `repositories/${wanted.at?.['repo_id']}/versions/3/`)
          assert.equal(valueAt(version, 'latest'), true)
        },
      },
      refused('without a version', 'PLP0016', async (world) => ({ at: await bare(world), body: {} }), ['version']),
      refused(
        'for a version that there is not',
        'PLP0015',
        async (world) => ({ at: await bare(world), body: { version: 7 } }),
        ['version'],
      ),
      missing('a repository', () => ({ ...nowhere, body: { version: 1 } }), { repository: 'missing' }),
    ],
  },
  {
    ...extra,
    method: 'POST',
    path: `${repository}actions/promote/`,
    does: 'Give a repository the content of another one',
    rights: ['update'],
    tags: ['pulp:action:promote', 'pulp:repository:<repo_id>', 'pulp:repository:<source>'],
    cases: [
      {
        status: 202,
        when: 'and show it with the files that were made for that one',
        asks: ['source_repo_id', 'source_version', 'publish'],
        arrange: async (world) => {
          const at = await pair(world)
          return { at, body: { source_repo_id: at.source, source_version: 1, publish: true } }
        },
        check: async ({ tasks, wanted }, world) => {
          assert.equal(tasks.length, 1)
          const [publication] = listAt(tasks[0]?.result, 'publications')
          assert.deepEqual(publication, { distributor_id: 'distributor_1', shown: 'shared' })
          const indexes = [wanted.at?.['repo_id'], wanted.at?.['source']].map(async (id) => {
            const answer = await world.send('GET', `/pulp/repos/yum/${id}/repodata/repomd.xml`)
            assert.equal(answer.status, 200)
            return answer.text
          })
          const [own, other] = await Promise.all(indexes)
          assert.equal(own, other)
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
        'for a source that never had anything, unless its version 0 is named',
        'PLP0015',
        async (world) => {
          const at = await bare(world)
          return { at, body: { source_repo_id: at.repo_id } }
        },
        ['source_repo_id'],
      ),
      refused(
        'for a version that its source does not have',
        'PLP0015',
        async (world) => {
          const at = await bare(world)
          return { at, body: { source_repo_id: at.repo_id, source_version: 7 } }
        },
        ['source_version'],
      ),
      missing('a repository', () => ({ ...nowhere, body: { source_repo_id: 'x' } }), { repository: 'missing' }),
    ],
  },
]
