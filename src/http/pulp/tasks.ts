import type { Call } from '../kit/call.ts'
import { ok, okStream, type Route } from '../kit/route.ts'
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
      doc: 'Lists tasks, oldest first; of those with all tags that are given as `tag`.',
      handler: (call) => listTasks(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      doc: 'Shows one task.',
      handler: async (call) => ok(toPulpSingleTask(await services.tasks.get(call.param('task')), services.plugins)),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      doc: 'Cancels a task; one that has ended stays as it is.',
      handler: (call) => cancelTask(services, call),
    },
  ]
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
