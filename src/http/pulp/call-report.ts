import type { Task } from '../../core/task.ts'
import type { PulpCallReport } from '../../wire/pulp/call-report.ts'
import { hrefs } from './hrefs.ts'

/** What was queued by a call, or done by it already as `result` (pulp2-api §3.1). */
export function toPulpCallReport(spawned: readonly Pick<Task, 'id'>[], result: unknown = null): PulpCallReport {
  return {
    result,
    error: null,
    spawned_tasks: spawned.map((task) => ({ _href: hrefs.task(task.id), task_id: task.id })),
  }
}
