import { DeckleError } from '../../core/errors.ts'
import type { GroupSummary } from '../../core/task.ts'
import type { PulpGroupSummary } from '../../wire/pulp/task-group.ts'
import type { Call } from '../kit/call.ts'
import { ok, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/** `/task_groups/` (pulp2-api §11). */
export function taskGroupRoutes(services: PulpServices): readonly Route[] {
  const single = `${root}task_groups/:group/`
  return [
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 404: 'PulpErrorBody' },
      doc: 'Is never found: a group has a summary only.',
      handler: async (call) => {
        const message = `A task group is shown by ${root}task_groups/${call.param('group')}/state_summary/`
        throw new DeckleError('not-found', message, { resources: {} })
      },
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Cancels all tasks of a group; those that have ended stay as they are.',
      handler: (call) => cancelGroup(services, call),
    },
    {
      method: 'GET',
      path: `${single}state_summary/`,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpGroupSummary' },
      doc: 'Counts the tasks of a group by their state.',
      handler: async (call) => ok(toPulpGroupSummary(await services.tasks.group(call.param('group')))),
    },
  ]
}

async function cancelGroup(services: PulpServices, call: Call) {
  await services.tasks.cancelGroup(call.param('group'))
  return ok(null)
}

/** Two of Pulp's states are never those of a task here. */
function toPulpGroupSummary(counts: GroupSummary): PulpGroupSummary {
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0)
  return { total, suspended: 0, skipped: 0, ...counts }
}
