import { randomUUID } from 'node:crypto'
import type { ApplicabilityStore } from '../../core/applicability.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { NewTask, Task, TaskStore } from '../../core/task.ts'
import { batchesOf } from './generate-applicability.ts'

interface RequestServices {
  readonly plugins: Plugins
  readonly applicability: Pick<ApplicabilityStore, 'profilesOf'>
  readonly tasks: Pick<TaskStore, 'enqueue'>
}

/** One at a time on the whole server (pulp2-api §3.5). */
const everything = ['repository_profile_applicability:RESOURCE_ANY_ID']
const tags = ['action:content_applicability_regeneration']

/** Queues that what of some repositories applies is made anew, in one task. */
export function requestForRepositories(
  { tasks }: Pick<RequestServices, 'tasks'>,
  repositoryIds: readonly string[],
): Promise<readonly Task[]> {
  const order = { repositories: [...repositoryIds] }
  return tasks.enqueue([{ operation: 'regenerate-applicability', arguments: order, tags, resources: everything }])
}

/** Queues that what applies to some consumers is made anew. */
export function requestForConsumers(
  { tasks }: Pick<RequestServices, 'tasks'>,
  consumerIds: readonly string[],
): Promise<readonly Task[]> {
  return tasks.enqueue([{ ...consumersTask(consumerIds), tags, resources: everything }])
}

/** The same for one; it does not wait for the others. */
export function requestForConsumer({ tasks }: Pick<RequestServices, 'tasks'>, id: string): Promise<readonly Task[]> {
  const own = { tags: ['action:consumer_content_applicability_regeneration'], resources: [`consumer:${id}`] }
  return tasks.enqueue([{ ...consumersTask([id]), ...own }])
}

function consumersTask(consumerIds: readonly string[]) {
  return { operation: 'regenerate-applicability-for-consumers', arguments: { consumers: [...consumerIds] } }
}

/**
 * Queues the same as `requestForRepositories` as a group of tasks that run side by side, one for each batch of profiles in each
 * repository. Returns the id of the group, which has one task where there is nothing to do: a group without any is none.
 */
export async function requestInParallel(services: RequestServices, repositoryIds: readonly string[]): Promise<string> {
  const group = randomUUID()
  const batches = await Array.fromAsync(batchTasks(services, repositoryIds, group))
  await services.tasks.enqueue(batches.length > 0 ? batches : [batchTask(group, '', '', [])])
  return group
}

async function* batchTasks(
  { plugins, applicability }: RequestServices,
  repositoryIds: readonly string[],
  group: string,
): AsyncIterable<NewTask> {
  for (const id of repositoryIds) {
    for (const { profileType } of plugins.profilers) {
      const all = await applicability.profilesOf(id, profileType)
      for (const hashes of batchesOf(all)) yield batchTask(group, id, profileType, hashes)
    }
  }
}

function batchTask(group: string, repository: string, type: string, hashes: readonly string[]): NewTask {
  const order = { repository, type, profiles: [...hashes] }
  return { operation: 'regenerate-applicability-batch', arguments: order, tags, resources: [], group }
}
