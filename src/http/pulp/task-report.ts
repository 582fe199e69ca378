import type { Plugins } from '../../core/plugin.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { Task } from '../../core/task.ts'
import type { PulpTaskReport } from '../../wire/pulp/task-report.ts'
import { toPulpDate } from './dates.ts'
import { printErrorReport } from './error-details.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'
import { toPulpTaskResult } from './task-result.ts'
import { toPulpTaskType } from './task-types.ts'

/** Before every tag of the wire. */
export const tagPrefix = 'pulp:'

/** pulp2-api §3.3, as lists and searches show it. A cancelled task has no error. */
export function toPulpTask(task: Task, plugins: Plugins): PulpTaskReport {
  const id = objectId('task', task.created, task.key)
  const error = task.state === 'error' ? task.error : null
  return {
    _href: hrefs.task(task.id),
    task_id: task.id,
    _id: { $oid: id },
    id,
    _ns: 'task_status',
    task_type: task.agent === null ? toPulpTaskType(task.operation) : null,
    state: task.state,
    tags: task.tags.map((tag) => tagPrefix + tag),
    start_time: toPulpDate(task.started),
    finish_time: toPulpDate(task.finished),
    worker_name: task.worker,
    ...(task.state === 'waiting' && { waiting_reason: task.waitingReason ?? 'for a free worker' }),
    progress_report: { ...task.progress },
    result: toPulpTaskResult(task.result, plugins),
    spawned_tasks: task.spawned.map((spawned) => ({
      _href: hrefs.task(spawned),
      href: hrefs.task(spawned),
      task_id: spawned,
    })),
    error: error === null ? null : printErrorReport(error).details,
    exception: null,
    traceback: error?.trace == null ? null : maskUrlPasswords(error.trace),
  }
}

/** A task that was asked for by its id: with its queue, empty until a worker has it. */
export function toPulpSingleTask(task: Task, plugins: Plugins): PulpTaskReport {
  return { ...toPulpTask(task, plugins), queue: task.worker === null ? '' : `${task.worker}.dq` }
}

/** A tag of the wire as it is stored; undefined for one that no task of ours can have. */
export function fromPulpTag(tag: string): string | undefined {
  return tag.startsWith(tagPrefix) ? tag.slice(tagPrefix.length) : undefined
}
