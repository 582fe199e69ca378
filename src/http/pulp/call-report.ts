import type { Task } from '../../core/task.ts'
import type { PulpCallReport, PulpGroupCallReport } from '../../wire/pulp/call-report.ts'
import { hrefs } from './hrefs.ts'

/** What was queued by a call, or done by it already as `result` (pulp2-api §3.1). */
export function toPulpCallReport(spawned: readonly Pick<Task, 'id'>[], result: unknown = null): PulpCallReport {
  return {
    result,
    error: null,
    spawned_tasks: spawned.map((task) => ({ _href: hrefs.task(task.id), task_id: task.id })),
  }
}

/** The same for tasks that are counted and cancelled together (pulp2-api §3.2). */
export function toPulpGroupCallReport(group: string): PulpGroupCallReport {
  return { group_id: group, _href: hrefs.taskGroup(group) }
}
