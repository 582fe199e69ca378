import assert from 'node:assert/strict'
import { unlikeSample } from '../compare-sample.ts'
import { isGone, listAt, missing, refused, saysNothing, shown, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { busy, endedTask, mirror, sync } from '../scenes.ts'
import { writtenObject } from '../written-api.ts'

/** D.2.1 to D.2.5; what a task report looks like is D.2.1. */
export const tasks: readonly Operation[] = [
  {
    section: 'D.2.2',
    method: 'GET',
    does: 'Poll a task',
    decided: ['§0.4', '§0.14', '§0.17'],
    cases: [
      {
        status: 200,
        when: 'for a task that led to another one, as D.2.1 shows it',
        by: '§3.3',
        arrange: async (world) => {
          const { repo_id } = await mirror(world, { auto_publish: true })
          const [task] = await sync(world, repo_id)
          return { at: { task_id: task?.task_id ?? '', repo_id } }
        },
        check: ({ answer, wanted }) => {
          assert.deepEqual(unlikeSample(writtenObject('D.2.1'), answer.body), ['finish_time', 'result'])
          assert.equal(typeof valueAt(answer.body, 'queue'), 'string')
          assert.ok(listAt(answer.body, 'tags').includes(`pulp:repository:${wanted.at?.['repo_id']}`))
        },
      },
      ...missingTasks(),
    ],
  },
  {
    section: 'D.2.3',
    method: 'DELETE',
    does: 'Cancel a task',
    decided: ['§0.18'],
    cases: [
      {
        status: 200,
        when: 'for a task that has ended, which stays as it is',
        arrange: async (world) => ({ at: await endedTask(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          const task = await shown(world, `tasks/${seen.wanted.at?.['task_id']}/`)
          assert.equal(valueAt(task, 'state'), 'finished')
        },
      },
      {
        status: 200,
        when: 'for a task that waits, which never runs, and for the one that runs before it',
        arrange: async (world) => {
          const at = await busy(world)
          const report = await world.make('DELETE', `repositories/${at.repo_id}/`)
          return { at: { ...at, task_id: String(valueAt(report, 'spawned_tasks', 0, 'task_id')) } }
        },
        check: async ({ wanted }, world) => {
          await world.make('DELETE', `tasks/${wanted.at?.['running']}/`)
          const tasks = [wanted.at?.['running'], wanted.at?.['task_id']]
          for (const task_id of tasks) {
            const [task] = await world.ended({ result: null, error: null, spawned_tasks: [link(task_id)] })
            assert.equal(task?.state, 'canceled')
          }
          await shown(world, `repositories/${wanted.at?.['repo_id']}/`)
        },
      },
      ...missingTasks(),
    ],
  },
  {
    section: 'D.2.4',
    method: 'GET',
    does: 'List tasks',
    decided: ['§0.22'],
    cases: [
      {
        status: 200,
        when: 'with two tags, those that have both',
        asks: ['tag'],
        arrange: async (world) => {
          const { repo_id } = await mirror(world, { auto_publish: true })
          await sync(world, repo_id)
          return { at: { repo_id }, query: `tag=pulp:repository:${repo_id}&tag=pulp:action:publish` }
        },
        check: ({ answer, wanted }) => {
          assert.deepEqual(
            listAt(answer.body).map((task) => listAt(task, 'tags').toSorted()),
            [['pulp:action:publish', `pulp:repository:${wanted.at?.['repo_id']}`]],
          )
          assert.equal(valueAt(answer.body, 0, 'queue'), undefined)
        },
      },
      {
        status: 200,
        when: 'with a tag that no task has, with an empty list',
        arrange: () => ({ query: 'tag=pulp:repository:nobody' }),
        check: ({ answer }) => assert.deepEqual(answer.body, []),
      },
    ],
  },
  {
    section: 'D.2.5',
    method: 'DELETE',
    does: 'Delete tasks that have ended',
    decided: ['§0.19'],
    cases: [
      {
        status: 204,
        when: 'with states, and what ended so is gone',
        asks: ['state'],
        arrange: async (world) => ({ at: await endedTask(world), query: 'state=finished&state=skipped' }),
        check: ({ wanted }, world) => isGone(world, `tasks/${wanted.at?.['task_id']}/`),
      },
      { status: 403, when: 'without a state', code: 'PLP1012', arrange: () => ({}) },
      refused('for a state that tasks are not deleted by', 'PLP1011', () => ({ query: 'state=canceled' })),
    ],
  },
]

function missingTasks(): Case[] {
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-uuid']
  return ids.map((task_id) => missing(`a task, ${task_id},`, () => ({ at: { task_id } }), { resource_id: task_id }))
}

function link(task_id = '') {
  return { _href: `/pulp/api/v2/tasks/${task_id}/`, task_id }
}
