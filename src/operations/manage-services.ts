import type { Plugins } from '../core/plugin.ts'
import type { RepositoryStore } from '../core/repository.ts'
import type { ExportFolders } from '../core/safe-folder.ts'
import type { NewTask, Task, TaskStore } from '../core/task.ts'
import type { FollowServices } from './consumers/follow-distributors.ts'

/** What the operations on repositories and their plugins work with. */
export interface ManageServices extends FollowServices {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly tasks: TaskStore
  readonly exports: ExportFolders
}

export async function enqueueOne(tasks: TaskStore, task: NewTask): Promise<Task> {
  const [queued] = await tasks.enqueue([task])
  if (queued === undefined) throw new Error('the task store queued nothing')
  return queued
}
