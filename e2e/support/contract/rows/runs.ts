import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { missing, refused, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, filled, mirror } from '../scenes.ts'

const nowhere = { at: { repo_id: 'missing' }, body: { id: 'x' } }

/** D.1.3.1, D.1.3.2 and D.1.4.1: sync, download and publish. */
export const runs: readonly Operation[] = [
  {
    section: 'D.1.3.1',
    method: 'POST',
    does: 'Sync a repository',
    tags: ['pulp:action:sync', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'with an override, as in the sample',
        sample: true,
        arrange: async (world) => ({ at: await mirror(world) }),
        check: async ({ tasks, wanted }, world) => {
          assert.equal(tasks.length, 1)
          assert.equal(valueAt(tasks[0]?.result, 'result'), 'success')
          const repository = await shown(world, `repositories/${wanted.at?.['repo_id']}/`)
          assert.ok(Number(valueAt(repository, 'content_unit_counts', 'rpm')) > 0)
        },
      },
      {
        status: 202,
        when: 'and names the publishes that it leads to',
        by: '§0.4',
        arrange: async (world) => ({ at: await mirror(world, { auto_publish: true }) }),
        check: ({ tasks, wanted }) => {
          const [sync, publish] = tasks
          const href = `/pulp/api/v2/tasks/${publish?.task_id}/`
          assert.deepEqual(sync?.spawned_tasks, [{ _href: href, href, task_id: publish?.task_id }])
          const repository = `pulp:repository:${wanted.at?.['repo_id']}`
          assert.deepEqual(publish?.tags.toSorted(), ['pulp:action:publish', repository])
        },
      },
      {
        status: 202,
        when: 'for a repository without an importer, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => ({ at: await bare(world) }),
        check: ({ tasks, wanted }) =>
          assert.deepEqual(tasks[0]?.error?.data, { resources: { repo_id: wanted.at?.['repo_id'] } }),
      },
      missing('a repository', () => nowhere, { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.3.2',
    method: 'POST',
    does: 'Download what was left out of a sync',
    decided: ['§0.3'],
    tags: ['pulp:action:download', 'pulp:action:download_repo', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'as in the sample',
        sample: true,
        arrange: async (world) => ({ at: await mirror(world) }),
      },
      refused('for a flag that is no boolean', 'PLP1010', async (world) => ({
        at: await mirror(world),
        body: { verify_all_units: 'x' },
      })),
      missing('a repository', () => nowhere, { repository: 'missing' }),
    ],
  },
  {
    section: 'D.1.4.1',
    method: 'POST',
    does: 'Publish a repository',
    tags: ['pulp:action:publish', 'pulp:repository:<repo_id>'],
    cases: [
      {
        status: 202,
        when: 'with a distributor, as in the sample',
        sample: true,
        arrange: async (world) => ({ at: await mirror(world) }),
        check: async ({ tasks, wanted }, world) => {
          assert.equal(valueAt(tasks[0]?.result, 'result'), 'success')
          const metadata = `/pulp/repos/yum/${wanted.at?.['repo_id']}/repodata/repomd.xml`
          assert.equal((await world.send('GET', metadata)).status, 200)
        },
      },
      {
        status: 202,
        when: 'of the harness into a folder',
        arrange: async (world) => {
          const at = await filled(world)
          return { at, body: { id: at.distributor_id } }
        },
        check: async ({ wanted }, world) => {
          const files = await readdir(join(world.exports, wanted.at?.['repo_id'] ?? ''), { recursive: true })
          assert.equal(files.filter((file) => file.endsWith('.unit')).length, 5)
        },
      },
      {
        status: 202,
        when: 'for a distributor that is missing, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => ({ at: await bare(world), body: { id: 'x' } }),
      },
      refused('without a distributor', 'PLP0016', async (world) => ({ at: await bare(world), body: {} }), ['id']),
      missing('a repository', () => nowhere, { repository: 'missing' }),
    ],
  },
]
