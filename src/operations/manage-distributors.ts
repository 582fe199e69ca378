import { invalid } from '../core/errors.ts'
import { type JsonObject, toJsonObject } from '../core/json.ts'
import type { RepositoryDistributor } from '../core/repository.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import { checkStoredDistributor, mergeConfig } from './check-config.ts'
import { endBindings, rebindTasks } from './consumers/follow-distributors.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { attachParts, distributorPart, partRemoved } from './plugin-hooks.ts'
import { objectArgument, textArgument } from './task-arguments.ts'
import { type WantedDistributor, wantedDistributor } from './wanted-plugins.ts'

/** Attaches a distributor at once; one with the same id is replaced (pulp2-api §0.11), and gone if its successor’s plugin throws. Bindings follow. */
export async function addDistributor(
  services: ManageServices,
  repositoryId: string,
  wanted: WantedDistributor,
): Promise<RepositoryDistributor> {
  await services.repositories.get(repositoryId)
  const distributor = await wantedDistributor(services, repositoryId, wanted)
  const isReplaced = await removeReplaced(services, repositoryId, distributor.id)
  const part = distributorPart(services.plugins, repositoryId, distributor)
  try {
    const attached = await attachParts([part], (confirm) =>
      services.repositories.setDistributor(repositoryId, distributor, confirm),
    )
    if (isReplaced) await services.tasks.enqueue(await rebindTasks(services, attached))
    return attached
  } catch (error) {
    if (isReplaced) await services.tasks.enqueue(await endBindings(services, repositoryId, distributor.id))
    throw error
  }
}

async function removeReplaced(services: ManageServices, repositoryId: string, id: string): Promise<boolean> {
  const attached = await services.repositories.distributors(repositoryId)
  const replaced = attached.find((distributor) => distributor.id === id)
  if (replaced === undefined) return false
  await partRemoved(distributorPart(services.plugins, repositoryId, replaced))
  await services.repositories.removeDistributor(repositoryId, id)
  return true
}

export interface DistributorChange {
  /** Merged: unspecified keys stay, null removes. */
  readonly config?: JsonObject
  /** Whatever the client sent; the task says when it is no boolean (pulp2-api §6.2). */
  readonly autoPublish?: unknown
}

/** The task that changes a distributor. */
export function updateDistributorTask(repositoryId: string, id: string, change: DistributorChange): NewTask {
  return distributorTask('update-distributor', repositoryId, id, 'action:update_distributor', {
    config: change.config ?? {},
    ...(change.autoPublish !== undefined && { autoPublish: change.autoPublish as boolean }),
  })
}

export async function requestDistributorUpdate(
  services: ManageServices,
  repositoryId: string,
  id: string,
  change: DistributorChange,
): Promise<Task> {
  await services.repositories.distributor(repositoryId, id)
  return enqueueOne(services.tasks, updateDistributorTask(repositoryId, id, change))
}

export async function requestDistributorRemoval(
  services: ManageServices,
  repositoryId: string,
  id: string,
): Promise<Task> {
  await services.repositories.distributor(repositoryId, id)
  const task = distributorTask('remove-distributor', repositoryId, id, 'action:remove_distributor', {})
  return enqueueOne(services.tasks, task)
}

function distributorTask(
  operation: string,
  repositoryId: string,
  id: string,
  action: string,
  extra: JsonObject,
): NewTask {
  return {
    operation,
    arguments: { repository: repositoryId, distributor: id, ...extra },
    tags: [`repository:${repositoryId}`, `repository_distributor:${id}`, action],
    resources: [`repository:${repositoryId}`],
  }
}

/** Task. A new config takes effect with the next publish; agents of bound consumers hear of it. Result: `{ distributor }`. */
export async function updateDistributor(services: ManageServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const id = textArgument(run.task, 'distributor')
  const attached = await services.repositories.distributor(repositoryId, id)
  const plugin = services.plugins.distributor(attached.type)
  const config = mergeConfig(attached.config, objectArgument(run.task, 'config'), plugin.config.secrets)
  await checkStoredDistributor(services, repositoryId, id, plugin, config)
  const { autoPublish } = run.task.arguments
  if (autoPublish !== undefined && typeof autoPublish !== 'boolean') {
    throw invalid('auto_publish must be true or false', ['auto_publish'])
  }
  const change = { config, ...(autoPublish !== undefined && { autoPublish }) }
  const updated = await services.repositories.updateDistributor(repositoryId, id, change, run.fence)
  return { result: { distributor: toJsonObject(updated) }, spawn: await rebindTasks(services, updated) }
}

/** Task. What it published is not served any more, and bound consumers are unbound. */
export async function removeDistributor(services: ManageServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const id = textArgument(run.task, 'distributor')
  const attached = await services.repositories.distributors(repositoryId)
  const distributor = attached.find((one) => one.id === id)
  if (distributor !== undefined) await partRemoved(distributorPart(services.plugins, repositoryId, distributor))
  await services.repositories.removeDistributor(repositoryId, id, run.fence)
  return { spawn: await endBindings(services, repositoryId, id, run.fence) }
}
