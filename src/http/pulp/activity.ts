import type { Task } from '../../core/task.ts'

/** What is going on right now, for the `…_in_progress` members (pulp2-api §0.8). */
export interface Activity {
  isSyncing(repositoryId: string): boolean
  isPublishing(repositoryId: string, distributorId: string): boolean
}

/** For where nothing runs, or nobody asks. */
export const idle: Activity = { isSyncing: () => false, isPublishing: () => false }

export function toActivity(running: readonly Pick<Task, 'tags' | 'arguments'>[]): Activity {
  const syncs = running.filter((task) => task.tags.includes('action:sync'))
  const publishes = running.filter((task) => task.tags.includes('action:publish'))
  return {
    isSyncing: (repositoryId) => syncs.some((task) => task.tags.includes(`repository:${repositoryId}`)),
    isPublishing: (repositoryId, distributorId) =>
      publishes.some(
        (task) => task.tags.includes(`repository:${repositoryId}`) && task.arguments['distributor'] === distributorId,
      ),
  }
}
