import { DeckleError } from '../../core/errors.ts'
import type { Call } from '../kit/call.ts'
import { type Answer, ok, okStream, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'
import { fromPulpTag, toPulpSingleTask, toPulpTask } from './task-report.ts'

/** `/tasks/` (pulp2-api §11). */
export function taskRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}tasks/`
  const single = `${collection}:task/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      query: { tag: { doc: 'Only tasks with all of these tags.', schema: { type: 'string' }, repeated: true } },
      answers: { 200: 'PulpTaskReport[]' },
      doc: 'Lists tasks, oldest first; of those with all tags that are given as `tag`.',
      handler: (call) => listTasks(services, call),
    },
    {
      method: 'DELETE',
      path: collection,
      permission: 'delete',
      body: 'none',
      query: { state: { doc: 'Which tasks to forget.', schema: { enum: [...purgeable] }, repeated: true } },
      answers: { 204: null },
      doc: 'Forgets all tasks that have ended in one of these states.',
      handler: (call) => purgeTasks(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpTaskReport' },
      doc: 'Shows one task.',
      handler: async (call) => ok(toPulpSingleTask(await services.tasks.get(call.param('task')), services.plugins)),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Cancels a task; one that has ended stays as it is.',
      handler: (call) => cancelTask(services, call),
    },
  ]
}

/** The only states that the purge takes; no task of ours is ever `skipped` (pulp2-api §11). */
const purgeable = ['finished', 'error', 'skipped'] as const

async function purgeTasks(services: PulpServices, call: Call): Promise<Answer> {
  const states = call.query.getAll('state')
  if (states.length === 0) {
    throw new DeckleError('forbidden', 'Tasks are only deleted by their state: give one as state=', {
      code: 'no-task-state',
    })
  }
  const known = purgeable.filter((state) => states.includes(state))
  const wrong = states.find((state) => !purgeable.some((one) => one === state))
  if (wrong !== undefined) {
    const message = `Tasks in the state ${wrong} cannot be deleted; those in ${purgeable.join(', ')} can`
    throw new DeckleError('invalid', message, { code: 'task-state', data: { state: wrong } })
  }
  await services.tasks.deleteEnded(known.filter((state) => state !== 'skipped'))
  return { status: 204, empty: true }
}

async function listTasks(services: PulpServices, call: Call) {
  const tags = call.query.getAll('tag').map(fromPulpTag)
  const stored = tags.filter((tag) => tag !== undefined)
  if (stored.length < tags.length) return ok([])
  return okStream(printTasks(services, stored))
}

async function* printTasks(services: PulpServices, tags: readonly string[]) {
  for await (const task of services.tasks.list({ tags })) yield toPulpTask(task, services.plugins)
}

async function cancelTask(services: PulpServices, call: Call) {
  await services.tasks.cancel(call.param('task'))
  return ok(null)
}
