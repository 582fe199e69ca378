import type { RepositoryTarget, ScheduleName } from '../../core/schedule.ts'
import type { Task } from '../../core/task.ts'
import { scheduleHref } from './schedule.ts'
import type { PulpServices } from './services.ts'

/** What is going on right now or will be, for the `…_in_progress` and `scheduled_…` members (pulp2-api §0.8). */
export interface Activity {
  isSyncing(repositoryId: string): boolean
  isPublishing(repositoryId: string, distributorId: string): boolean
  /** Hrefs. */
  syncSchedules(repositoryId: string): readonly string[]
  publishSchedules(repositoryId: string, distributorId: string): readonly string[]
}

/** For where nothing runs, or nobody asks. */
export const idle: Activity = {
  isSyncing: () => false,
  isPublishing: () => false,
  syncSchedules: () => [],
  publishSchedules: () => [],
}

/** That of some repositories, with one look for all of them. */
export async function activityOf(
  services: Pick<PulpServices, 'runningTasks' | 'schedules'>,
  repositoryIds: readonly string[],
): Promise<Activity> {
  const schedules = services.schedules.ofRepositories([...new Set(repositoryIds)])
  const [running, named] = await Promise.all([services.runningTasks(), schedules])
  return toActivity(running, named)
}

export function toActivity(
  running: readonly Pick<Task, 'tags' | 'arguments'>[],
  schedules: readonly ScheduleName[],
): Activity {
  const hrefs = Map.groupBy(schedules, ({ target }) => targetName(target))
  const hrefsOf = (name: string) => hrefs.get(name)?.map(scheduleHref) ?? []
  const syncs = running.filter((task) => task.tags.includes('action:sync'))
  const publishes = running.filter((task) => task.tags.includes('action:publish'))
  return {
    isSyncing: (repositoryId) => syncs.some((task) => task.tags.includes(`repository:${repositoryId}`)),
    isPublishing: (repositoryId, distributorId) =>
      publishes.some(
        (task) => task.tags.includes(`repository:${repositoryId}`) && task.arguments['distributor'] === distributorId,
      ),
    syncSchedules: (repositoryId) => hrefsOf(`${repositoryId}/sync`),
    publishSchedules: (repositoryId, distributorId) => hrefsOf(`${repositoryId}/publish/${distributorId}`),
  }
}

function targetName(target: RepositoryTarget): string {
  if (target.action === 'sync') return `${target.repositoryId}/sync`
  return `${target.repositoryId}/publish/${target.distributorId}`
}
