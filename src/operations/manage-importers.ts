import { notFound } from '../core/errors.ts'
import { type JsonObject, toJsonObject } from '../core/json.ts'
import type { RepositoryImporter } from '../core/repository.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import { checkImporter, keptConfig, mergeConfig } from './check-config.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { attachParts, importerPart, partRemoved } from './plugin-hooks.ts'
import { objectArgument, textArgument } from './task-arguments.ts'
import { wantedImporter } from './wanted-plugins.ts'

/** Queues that a repository gets this importer, in the place of any it has. The config is checked first. */
export async function requestImporter(
  services: ManageServices,
  repositoryId: string,
  type: string,
  config: JsonObject,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  const wanted = wantedImporter(services.plugins, { type, config })
  const tags = ['action:add_importer', 'action:update_importer', `repository_importer:${type}`]
  return enqueueOne(services.tasks, importerTask('set-importer', repositoryId, wanted, tags))
}

/** Queues a change of the importer's config: unspecified keys stay, null removes. The merged config is checked first. */
export async function requestImporterUpdate(
  services: ManageServices,
  repositoryId: string,
  type: string,
  change: JsonObject,
): Promise<Task> {
  const attached = await attachedImporter(services, repositoryId, type)
  mergedConfig(services, attached, change)
  const tags = [`repository_importer:${type}`, 'action:update_importer']
  return enqueueOne(services.tasks, importerTask('update-importer', repositoryId, { type, config: change }, tags))
}

export async function requestImporterRemoval(
  services: ManageServices,
  repositoryId: string,
  type: string,
): Promise<Task> {
  await attachedImporter(services, repositoryId, type)
  const tags = [`repository_importer:${type}`, 'action:delete_importer']
  return enqueueOne(services.tasks, importerTask('remove-importer', repositoryId, { type, config: {} }, tags))
}

function importerTask(
  operation: string,
  repositoryId: string,
  importer: { readonly type: string; readonly config: JsonObject },
  tags: readonly string[],
): NewTask {
  return {
    operation,
    arguments: { repository: repositoryId, type: importer.type, config: importer.config },
    tags: [`repository:${repositoryId}`, ...tags],
    resources: [`repository:${repositoryId}`],
  }
}

/** Task. Result: `{ importer }`. The one that it replaces is removed first and stays so whatever comes (written API D.1.1.3). */
export async function setImporter(services: ManageServices, run: TaskRun): Promise<TaskOutcome> {
  const wanted = wantedImporter(services.plugins, {
    type: textArgument(run.task, 'type'),
    config: objectArgument(run.task, 'config'),
  })
  const repositoryId = textArgument(run.task, 'repository')
  await takeOut(services, run)
  const { type, config } = wanted
  const attached = await attachParts([importerPart(services.plugins, repositoryId, wanted)], (confirm) =>
    services.repositories.setImporter(repositoryId, type, config, run.fence, confirm),
  )
  return importerResult(attached)
}

/** Task. Result: `{ importer }`. */
export async function updateImporter(services: ManageServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const attached = await attachedImporter(services, repositoryId, textArgument(run.task, 'type'))
  const config = mergedConfig(services, attached, objectArgument(run.task, 'config'))
  return importerResult(await services.repositories.updateImporter(repositoryId, config, run.fence))
}

/** Task. */
export async function removeImporter(services: ManageServices, run: TaskRun): Promise<TaskOutcome> {
  await takeOut(services, run)
  return {}
}

async function takeOut({ plugins, repositories }: ManageServices, { task, fence }: TaskRun): Promise<void> {
  const repositoryId = textArgument(task, 'repository')
  const attached = await repositories.importer(repositoryId)
  if (attached === undefined) return
  await partRemoved(importerPart(plugins, repositoryId, attached))
  await repositories.removeImporter(repositoryId, fence)
}

/** The importer of this type; throws kind `not-found` when the repository is missing or has another or none. */
async function attachedImporter(
  services: ManageServices,
  repositoryId: string,
  type: string,
): Promise<RepositoryImporter> {
  await services.repositories.get(repositoryId)
  const attached = await services.repositories.importer(repositoryId)
  if (attached?.type !== type) throw notFound({ importer_id: type })
  return attached
}

function mergedConfig(services: ManageServices, attached: RepositoryImporter, change: JsonObject): JsonObject {
  const importer = services.plugins.importer(attached.type)
  const config = mergeConfig(attached.config, change, importer.config.secrets)
  checkImporter(importer, config)
  return keptConfig(importer, config)
}

function importerResult(importer: RepositoryImporter): TaskOutcome {
  return { result: { importer: toJsonObject(importer) } }
}
