import { DeckleError, invalid, notFound } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { NewDistributor, Repository, RepositoryChange } from '../core/repository.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import { checkImporter, mergeConfig } from './check-config.ts'
import { endBindings } from './consumers/follow-distributors.ts'
import { updateDistributorTask } from './manage-distributors.ts'
import type { ManageServices } from './manage-services.ts'
import { allRemoved, attachParts, distributorPart, importerPart } from './plugin-hooks.ts'
import { textArgument } from './task-arguments.ts'
import { type WantedDistributor, wantedDistributor, wantedImporter } from './wanted-plugins.ts'

export interface WantedRepository {
  readonly id: string
  /** The id when absent; null stays null (pulp2-api §5.1). */
  readonly displayName?: string | null
  readonly description: string | null
  readonly notes: JsonObject
  /** Null or absent: as the server's setting says. */
  readonly retainVersions?: number | null
  readonly importer?: { readonly type: string; readonly config: JsonObject }
  readonly distributors: readonly WantedDistributor[]
}

/** pulp2-api §1.2. */
export const repositoryIdPattern = /^[.\-_A-Za-z0-9]+$/

/** Makes a repository with its importer and distributors, all or nothing. */
export async function createRepository(services: ManageServices, wanted: WantedRepository): Promise<Repository> {
  if (!repositoryIdPattern.test(wanted.id))
    throw invalid(`the repository id ${wanted.id} has illegal characters`, ['repo_id'])
  const importer = wanted.importer === undefined ? undefined : wantedImporter(services.plugins, wanted.importer)
  const distributors: NewDistributor[] = []
  for (const distributor of wanted.distributors) {
    distributors.push(await wantedDistributor(services, wanted.id, distributor))
  }
  const ids = distributors.map((distributor) => distributor.id)
  if (new Set(ids).size < ids.length) throw invalid('two distributors have the same id', ['distributor_id'])
  const { id, description, notes, displayName = id, retainVersions = null } = wanted
  const repository = { id, description, notes, displayName, retainVersions }
  const parts = [
    ...(importer === undefined ? [] : [importerPart(services.plugins, id, importer)]),
    ...distributors.map((distributor) => distributorPart(services.plugins, id, distributor)),
  ]
  return attachParts(parts, (confirm) => services.repositories.create(repository, importer, distributors, confirm))
}

export interface RepositoryUpdate {
  /** `notes` are merged: null takes a key out. */
  readonly delta?: RepositoryChange
  /** Merged into the importer's config at once. */
  readonly importerConfig?: JsonObject
  /** Distributor id → change of its config; a task each. */
  readonly distributorConfigs?: Readonly<Record<string, JsonObject>>
}

/** Changes a repository at once and its distributors by tasks. */
export async function updateRepository(
  services: ManageServices,
  id: string,
  update: RepositoryUpdate,
): Promise<{ readonly repository: Repository; readonly spawned: readonly Task[] }> {
  const before = await services.repositories.get(id)
  if (update.importerConfig !== undefined) await updateImporterNow(services, id, update.importerConfig)
  const notes = update.delta?.notes === undefined ? undefined : mergeConfig(before.notes, update.delta.notes, [])
  const repository = await services.repositories.update(id, { ...update.delta, ...(notes !== undefined && { notes }) })
  const tasks = Object.entries(update.distributorConfigs ?? {}).map(([distributor, config]) =>
    updateDistributorTask(id, distributor, { config }),
  )
  const spawned = tasks.length === 0 ? [] : await services.tasks.enqueue(tasks)
  return { repository, spawned }
}

async function updateImporterNow(services: ManageServices, id: string, change: JsonObject): Promise<void> {
  const attached = await services.repositories.importer(id)
  if (attached === undefined) throw notFound({ repo_id: id })
  const importer = services.plugins.importer(attached.type)
  const config = mergeConfig(attached.config, change, importer.config.secrets)
  checkImporter(importer, config)
  await services.repositories.updateImporter(id, config)
}

/** The task that deletes a repository with everything attached; its content stays as orphans. */
function deleteTask(id: string): NewTask {
  return {
    operation: 'delete-repository',
    arguments: { repository: id },
    tags: [`repository:${id}`, 'action:delete'],
    resources: [`repository:${id}`],
  }
}

/** Queues the deletion and cancels what waits for the repository; throws kind `not-found` at once for a repository that is not there. */
export async function requestRepositoryDeletion(services: ManageServices, id: string): Promise<Task> {
  await services.repositories.get(id)
  return services.tasks.supersede(deleteTask(id))
}

/** Takes a repository down and out, and unbinds the consumers of it. Idempotent: one that is gone is what was asked for. */
export async function deleteRepository(
  services: Pick<ManageServices, 'plugins' | 'repositories' | 'bindings'>,
  run: TaskRun,
): Promise<TaskOutcome> {
  const id = textArgument(run.task, 'repository')
  await allRemoved(services, id, run.log)
  await services.repositories.delete(id, run.fence).catch((error: unknown) => {
    if (!(error instanceof DeckleError) || error.kind !== 'not-found') throw error
  })
  return { spawn: await endBindings(services, id, undefined, run.fence) }
}
