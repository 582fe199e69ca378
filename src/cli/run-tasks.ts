import { followTasks, requireFinished } from '../clients/follow-tasks.ts'
import { isComplete, type TaskLink, type TaskReport } from '../clients/pulp-answers.ts'
import { TaskFailedError } from '../clients/server-error.ts'
import { CliError } from './cli-error.ts'
import { explain } from './explain.ts'
import { ProgressDisplay } from './progress-display.ts'
import type { Session } from './surroundings.ts'

/**
 * Waits for tasks and all that they queue, showing progress, and returns them. The first Ctrl-C asks the server to
 * cancel them, the second leaves them to the server. Throws TaskFailedError with the task's text, CliError after Ctrl-C.
 */
export async function runTasks(session: Session, links: readonly TaskLink[], label: string): Promise<TaskReport[]> {
  const display = new ProgressDisplay(session.terminal, label)
  const open = new Set(links.map((link) => link.task_id))
  const interruption = cancelOnInterrupt(session, open)
  try {
    const tasks = await followTasks(session.client, links, {
      watch(seen) {
        display.show(seen)
        keepOpen(open, seen)
      },
    })
    requireFinished(tasks)
    return tasks
  } catch (error) {
    const wasCancelled = error instanceof TaskFailedError && error.state === 'canceled'
    throw wasCancelled && interruption.wasAsked() ? new CliError('cancelled', 130) : error
  } finally {
    interruption.release()
    display.end()
  }
}

/** Follows which tasks are not complete. */
function keepOpen(open: Set<string>, tasks: readonly TaskReport[]): void {
  for (const link of tasks.flatMap((task) => task.spawned_tasks)) open.add(link.task_id)
  for (const task of tasks.filter(isComplete)) open.delete(task.task_id)
}

function cancelOnInterrupt(session: Session, open: ReadonlySet<string>) {
  let asked = false
  const release = session.onInterrupt(() => {
    if (asked) return session.exit(130)
    asked = true
    if (session.terminal.columns() !== undefined) session.terminal.redraw('')
    session.terminal.note('asking the server to cancel (Ctrl-C again to leave at once)')
    for (const id of open) void cancel(session, id)
  })
  return { release, wasAsked: () => asked }
}

async function cancel(session: Session, id: string): Promise<void> {
  try {
    await session.client.cancelTask(id)
  } catch (error) {
    session.terminal.note(`task ${id} cannot be cancelled: ${explain(error, session.identity).line}`)
  }
}
