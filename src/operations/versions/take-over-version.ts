import { DeckleError, invalid } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RepositoryVersion, VersionStore } from '../../core/repository-version.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../../core/task.ts'
import { enqueueOne, type ManageServices } from '../manage-services.ts'
import { numberArgument, textArgument } from '../task-arguments.ts'
import { type ShowServices, showVersion } from './show-version.ts'

export interface TakeOverServices extends ShowServices {
  readonly versions: VersionStore
}

type RequestServices = Pick<ManageServices, 'repositories' | 'tasks'> & { readonly versions: VersionStore }

export interface RollbackOrder {
  readonly version: number
  /** Whether clients are to see it. */
  readonly publish: boolean
}

export interface PromotionOrder {
  readonly sourceId: string
  /** The latest one now when absent: what is tested is what is promoted, whatever comes in meanwhile. */
  readonly version?: number
  readonly publish: boolean
}

/** Queues that a repository goes back to a version of its own. Throws kind `not-found`, and `invalid` for a version that is not there. */
export async function requestRollback(
  services: RequestServices,
  repositoryId: string,
  { version, publish }: RollbackOrder,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  await requireVersion(services.versions, repositoryId, version, 'version')
  const tags = [`repository:${repositoryId}`, 'action:rollback']
  const args = { repository: repositoryId, source: repositoryId, version, publish }
  return enqueueOne(services.tasks, task('rollback-repository', args, tags))
}

/**
 * Queues that a repository gets the content of a version of another one. Throws kind `not-found`, and `invalid` for a source that is
 * not there, or that has never had anything: the version before the first one has to be named, lest a mirror that failed empties others.
 */
export async function requestPromotion(
  services: RequestServices,
  repositoryId: string,
  { sourceId, version, publish }: PromotionOrder,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  const source = await orInvalid('source_repo_id', () => services.repositories.get(sourceId))
  const chosen = version ?? source.latest
  if (version === undefined && chosen === 0)
    throw invalid(`${sourceId} has no version yet to promote`, ['source_repo_id'])
  await requireVersion(services.versions, sourceId, chosen, 'source_version')
  const tags = [`repository:${repositoryId}`, `repository:${sourceId}`, 'action:promote']
  const args = { repository: repositoryId, source: sourceId, version: chosen, publish }
  return enqueueOne(services.tasks, task('promote-repository', args, tags))
}

/** Only the repository that changes is held: versions never do. */
function task(operation: string, args: JsonObject & { readonly repository: string }, tags: readonly string[]): NewTask {
  return { operation, arguments: args, tags, resources: [`repository:${args.repository}`] }
}

async function requireVersion(
  versions: VersionStore,
  repositoryId: string,
  number: number,
  field: string,
): Promise<void> {
  await orInvalid(field, () => versions.get(repositoryId, number))
}

async function orInvalid<Found>(field: string, find: () => Promise<Found>): Promise<Found> {
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'not-found') throw error
    throw invalid(`${field}: ${error.message}`, [field])
  }
}

/**
 * Gives a repository the content of a version, as a new version of its own, and lets its distributors show it. No bytes move. Result:
 * which version it has now, what changed, and how each distributor came to show it. Throws kind `conflict` for a pruned version, and
 * PLP0044 when it has a type that the repository's importer does not take.
 */
export async function takeOverVersion(services: TakeOverServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const [sourceId, number] = [textArgument(run.task, 'source'), numberArgument(run.task, 'version')]
  await requireTypes(services, repositoryId, sourceId, await services.versions.get(sourceId, number))
  const source = { repositoryId: sourceId, version: number }
  const { version, added, updated, removed } = await services.versions.takeOver(repositoryId, source, run.fence)
  const shows = run.task.arguments['publish'] === true
  const { publications, spawn } = shows
    ? await showVersion(services, run, repositoryId, version)
    : { publications: [], spawn: [] }
  const result = {
    repo_id: repositoryId,
    version: version.number,
    source: { repo_id: sourceId, version: number },
    units: { added, updated, removed },
    publications: publications.map(({ distributorId, shown }) => ({ distributor_id: distributorId, shown })),
  }
  return { result, spawn }
}

/** A repository without an importer takes everything. */
async function requireTypes(
  { plugins, repositories }: TakeOverServices,
  repositoryId: string,
  sourceId: string,
  { counts }: RepositoryVersion,
): Promise<void> {
  const attached = await repositories.importer(repositoryId)
  if (attached === undefined || sourceId === repositoryId) return
  const importer = plugins.importer(attached.type)
  const present = Object.entries(counts).filter(([, count]) => count > 0)
  const strange = present.map(([type]) => type).filter((type) => !importer.contentTypes.includes(type))
  if (strange.length === 0) return
  const message = `${importer.id} of ${repositoryId} does not support all types of ${sourceId}: ${strange.join(', ')}`
  throw new DeckleError('invalid', message, { code: 'PLP0044' })
}
