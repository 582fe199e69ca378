import { setTimeout as sleep } from 'node:timers/promises'
import { type Patience, patiently } from './patiently.ts'
import { isComplete, type TaskLink, type TaskReport } from './pulp-answers.ts'
import type { PulpClient } from './pulp-client.ts'
import { TaskFailedError } from './server-error.ts'

export interface FollowOptions extends Patience {
  /** Called with every task known so far, in the order in which they were queued, after each look at one. */
  readonly watch?: (tasks: readonly TaskReport[]) => void
}

/**
 * Waits until the tasks and all that they queue are complete, and returns them in the order in which they were queued.
 * Does not throw for a task that failed (see `requireFinished`). Throws UnreachableError when the server stays away,
 * ServerError when it refuses.
 */
export async function followTasks(
  client: PulpClient,
  links: readonly TaskLink[],
  options: FollowOptions = {},
): Promise<TaskReport[]> {
  const reports: TaskReport[] = []
  const queue = [...links]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const index = reports.length
    const report = await completed(client, next.task_id, options, (seen) => {
      reports[index] = seen
      options.watch?.([...reports])
    })
    queue.push(...report.spawned_tasks.filter((link) => !isKnown(link, reports, queue)))
  }
  return reports
}

/** Throws TaskFailedError for the first task that did not finish. */
export function requireFinished(tasks: readonly TaskReport[]): void {
  const failed = tasks.find((task) => task.state !== 'finished' && task.state !== 'skipped')
  if (failed === undefined) return
  const message = failed.error?.description ?? (failed.state === 'canceled' ? 'the task was cancelled' : failed.state)
  throw new TaskFailedError(failed.task_id, failed.state, message)
}

async function completed(
  client: PulpClient,
  id: string,
  options: FollowOptions,
  look: (report: TaskReport) => void,
): Promise<TaskReport> {
  let pause = options.interval ?? 100
  for (;;) {
    const report = await patiently(() => client.task(id), options)
    look(report)
    if (isComplete(report)) return report
    await sleep(pause)
    if (options.interval === undefined) pause = Math.min(pause * 1.2, 500)
  }
}

function isKnown(link: TaskLink, reports: readonly TaskReport[], queue: readonly TaskLink[]): boolean {
  return [...reports, ...queue].some((known) => known.task_id === link.task_id)
}
