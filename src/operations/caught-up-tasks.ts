import type { Task, TaskStore } from '../core/task.ts'

/** Much longer than a process takes to hear of a switch, or to find it by itself. */
const recentMs = 30_000

/**
 * Tasks as clients of this process shall see them: one that ended just now is told of only once this process serves what it
 * published. Clients poll a task and fetch as soon as they see `finished`; the notice of the switch may come a moment later.
 */
export function caughtUpTasks(tasks: TaskStore, catchUp: () => Promise<void>): TaskStore {
  return {
    enqueue: (added) => tasks.enqueue(added),
    async get(id) {
      const task = await tasks.get(id)
      if (hasJustEnded(task)) await catchUp()
      return task
    },
    list: (filter) => tasks.list(filter),
    cancel: (id) => tasks.cancel(id),
    workers: () => tasks.workers(),
  }
}

function hasJustEnded({ finished }: Task): boolean {
  return finished !== null && Date.now() - finished.getTime() < recentMs
}
