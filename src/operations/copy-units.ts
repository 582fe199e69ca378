import { DeckleError, invalid, notFound } from '../core/errors.ts'
import { effectiveConfig } from '../core/importer.ts'
import { type JsonObject, toJsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import type { RepositoryImporter, RepositoryStore } from '../core/repository.ts'
import type { VersionDraft, VersionStore } from '../core/repository-version.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import type { AssociationCriteria, UnitReader } from '../core/unit-reader.ts'
import { type CopyBeingMade, furtherUnits, isKept } from './further-units.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { criteriaArgument, objectArgument, textArgument } from './task-arguments.ts'
import { UnitsSuccessful } from './units-successful.ts'

export interface CopyServices {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly versions: VersionStore
  readonly units: UnitReader
}

export interface CopyOrder {
  readonly sourceId: string
  readonly criteria: AssociationCriteria
  readonly override: JsonObject
}

/** What queueing needs. */
export type RequestServices = Pick<ManageServices, 'plugins' | 'repositories' | 'tasks'>

const pageUnits = 2_000

/** How often a copy begins again because the source, or units that it has found in it, are other ones meanwhile. */
const attempts = 5

/** Only the destination is held: the source is read as it is when the task runs (pulp2-api §3.5). */
function copyTask(repositoryId: string, { sourceId, criteria, override }: CopyOrder): NewTask {
  return {
    operation: 'associate-units',
    arguments: { repository: repositoryId, source: sourceId, criteria: toJsonObject(criteria), override },
    tags: [`repository:${repositoryId}`, `repository:${sourceId}`, 'action:associate'],
    resources: [`repository:${repositoryId}`],
  }
}

/**
 * Queues a copy of units into a repository. Throws kind `not-found` for the repository and `invalid` for a source that is not
 * there, or for an option that the importer cannot honour and that would change what is copied.
 */
export async function requestCopy(services: RequestServices, repositoryId: string, order: CopyOrder): Promise<Task> {
  await services.repositories.get(repositoryId)
  await requireSource(services.repositories, order.sourceId)
  await requireOptions(services, repositoryId, order.override)
  return enqueueOne(services.tasks, copyTask(repositoryId, order))
}

async function requireSource(repositories: RepositoryStore, sourceId: string): Promise<void> {
  try {
    await repositories.get(sourceId)
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'not-found') throw error
    throw invalid(`there is no repository ${sourceId} to copy from`, ['source_repo_id'])
  }
}

async function requireOptions(services: RequestServices, repositoryId: string, override: JsonObject): Promise<void> {
  const attached = await services.repositories.importer(repositoryId)
  const importer = attached && services.plugins.findImporter(attached.type)
  importer?.copier?.options(effectiveConfig(attached?.config ?? {}, override))
}

/**
 * Copies the units of the source's latest version that the criteria select, and what the importer wants copied along; no bytes move.
 * Result: `units_successful`. Throws `not-found` when one of the two has no importer, and PLP0044 when the source has a type that the destination's importer does not
 * take, be it selected or not (pulp2-api §7).
 */
export async function copyUnits(services: CopyServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const sourceId = textArgument(run.task, 'source')
  await requireTypes(services, sourceId, repositoryId)
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const draft = await services.versions.open(repositoryId, run.fence)
    const copied = await tryCopy(services, run, draft)
    if (copied !== undefined) return { result: copied.result() }
    await draft.abandon()
  }
  throw new DeckleError('conflict', `${sourceId} changes again and again while units of it are copied; try later`)
}

async function requireTypes(services: CopyServices, sourceId: string, repositoryId: string): Promise<void> {
  const [source] = await Promise.all([services.repositories.get(sourceId), attachedTo(services, sourceId)])
  const importer = services.plugins.importer((await attachedTo(services, repositoryId)).type)
  const present = Object.entries(source.counts).filter(([, count]) => count > 0)
  const strange = present.map(([type]) => type).filter((type) => !importer.contentTypes.includes(type))
  if (strange.length === 0) return
  const message = `${importer.id} of ${repositoryId} does not support all types of ${sourceId}: ${strange.join(', ')}`
  throw new DeckleError('invalid', message, { code: 'PLP0044' })
}

/** Throws kind `not-found`. */
async function attachedTo({ repositories }: CopyServices, repositoryId: string): Promise<RepositoryImporter> {
  const attached = await repositories.importer(repositoryId)
  if (attached === undefined) throw notFound({ repo_id: repositoryId })
  return attached
}

/** Undefined when units that were found are gone before they were held, or the source is another one by now. */
async function tryCopy(
  services: CopyServices,
  run: TaskRun,
  draft: VersionDraft,
): Promise<UnitsSuccessful | undefined> {
  const copied = new UnitsSuccessful(services.plugins.contentTypes, textArgument(run.task, 'repository'))
  const take = async (page: readonly number[]) => {
    run.signal.throwIfAborted()
    const gone = await draft.take(page)
    if (gone.length === 0) copied.add(await services.units.names(page))
    return gone.length === 0
  }
  const copy = await selectUnits(services, run, draft)
  for (const page of copy.selected.pages(pageUnits)) if (!(await take(page))) return undefined
  if (!(await takeFurther(services, copy, take))) return undefined
  await draft.commit()
  return copied
}

async function selectUnits(services: CopyServices, { task, signal }: TaskRun, draft: VersionDraft) {
  const [repositoryId, sourceId] = [textArgument(task, 'repository'), textArgument(task, 'source')]
  const { latest } = await services.repositories.get(sourceId)
  const selected = await services.units.select(sourceId, criteriaArgument(task))
  const attached = await attachedTo(services, repositoryId)
  const importer = services.plugins.importer(attached.type)
  const config = effectiveConfig(attached.config, objectArgument(task, 'override'))
  const source = { repositoryId: sourceId, version: latest }
  return { importer, config, source, target: { repositoryId, version: draft.base.number }, selected, signal }
}

/** False when the selection and what goes with it would be of two versions of the source. */
async function takeFurther(
  { repositories, versions }: CopyServices,
  copy: CopyBeingMade,
  take: (page: readonly number[]) => Promise<boolean>,
): Promise<boolean> {
  if (copy.importer.copier?.options(copy.config) === undefined) return true
  const { repositoryId, version } = copy.source
  if ((await repositories.get(repositoryId)).latest !== version) return false
  try {
    for await (const page of furtherUnits(versions, copy)) if (!(await take(page))) return false
  } catch (error) {
    if (await isKept(versions, copy.source)) throw error
  }
  return isKept(versions, copy.source)
}
