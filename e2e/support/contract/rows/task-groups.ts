import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { silentLog } from '../../../../src/core/log.ts'
import { openDatabase } from '../../../../src/database/connection.ts'
import { PostgresTaskStore } from '../../../../src/database/tasks/postgres-task-store.ts'
import { unlikeSample } from '../compare-sample.ts'
import { saysNothing, shown, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { busy } from '../scenes.ts'
import type { World } from '../world.ts'
import { writtenObject } from '../written-api.ts'

/** D.3.1 to D.3.3; what a summary looks like is D.3.2. */
export const taskGroups: readonly Operation[] = [
  {
    section: 'D.3.1',
    method: 'DELETE',
    does: 'Cancel the tasks of a group',
    cases: [
      {
        status: 200,
        when: 'for a group',
        arrange: async (world) => ({ at: { group_id: await aGroup(world, world.name('grouped')) } }),
        check: saysNothing,
      },
      {
        status: 200,
        when: 'for a group that waits, whose tasks never run',
        arrange: async (world) => {
          const at = await busy(world)
          return { at: { ...at, group_id: await aGroup(world, at.repo_id) } }
        },
        check: async (seen, world) => {
          saysNothing(seen)
          const { group_id, running } = seen.wanted.at ?? {}
          const summary = await shown(world, `task_groups/${group_id}/state_summary/`)
          assert.deepEqual([valueAt(summary, 'canceled'), valueAt(summary, 'total')], [2, 2])
          await world.make('DELETE', `tasks/${running}/`)
        },
      },
      ...missingGroups('group_id'),
    ],
  },
  {
    section: 'D.3.3',
    method: 'GET',
    does: 'Poll a summary of a group of tasks',
    cases: [
      {
        status: 200,
        when: 'as D.3.2 shows it',
        arrange: async (world) => ({ at: { task_group_id: await aGroup(world, world.name('grouped')) } }),
        check: ({ answer }) => {
          assert.deepEqual(unlikeSample(writtenObject('D.3.2'), answer.body), [])
          assert.equal(valueAt(answer.body, 'total'), 2)
        },
      },
      ...missingGroups('task_group_id').map((each) => ({ ...each, by: '§0.6' as const })),
    ],
  },
]

/** No call of the written API makes a group, so the tasks of this one are queued beside the API. */
async function aGroup(world: World, repository: string): Promise<string> {
  const { databaseUrl } = world.server
  if (databaseUrl === undefined) throw new Error('the server of the contract has no database of the tests')
  const { database, close } = openDatabase(databaseUrl, silentLog)
  const group = randomUUID()
  const task = {
    operation: 'delete-repository',
    arguments: { repository },
    tags: [],
    resources: [`repository:${repository}`],
    group,
  }
  try {
    await new PostgresTaskStore(database).enqueue([task, task])
    return group
  } finally {
    await close()
  }
}

function missingGroups(parameter: string): Case[] {
  return [randomUUID(), 'no-uuid'].map((id, at) => ({
    status: 404,
    when: at === 0 ? 'for a group that is missing' : 'for an id that is none',
    code: 'PLP0009',
    arrange: () => ({ at: { [parameter]: id } }),
  }))
}
