import { DeckleError, notFound } from '../core/errors.ts'
import { effectiveConfig } from '../core/importer.ts'
import { type JsonObject, toJsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import type { RepositoryImporter, RepositoryStore } from '../core/repository.ts'
import type { VersionDraft, VersionStore } from '../core/repository-version.ts'
import type { Fence, NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import type { AssociationCriteria, UnitReader } from '../core/unit-reader.ts'
import { additionalRoutes, type CopyRoute, type Permit, requireRepository, routesIn } from './additional-copies.ts'
import { areKept, type CopyBeingMade, type CopyLeg, furtherUnits } from './further-units.ts'
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

/** Only destinations are held: a source is read as it is when the task runs (pulp2-api §3.5). */
function copyTask(repositoryId: string, order: CopyOrder, additional: readonly CopyRoute[]): NewTask {
  const { sourceId, criteria, override } = order
  const targets = [repositoryId, ...additional.map((route) => route.repositoryId)].map((id) => `repository:${id}`)
  const sources = [sourceId, ...additional.map((route) => route.sourceId)].map((id) => `repository:${id}`)
  const copy = { repository: repositoryId, source: sourceId, criteria: toJsonObject(criteria), override }
  return {
    operation: 'associate-units',
    arguments: additional.length === 0 ? copy : { ...copy, additional: additional.map(toJsonObject) },
    tags: [...targets, ...sources, 'action:associate'],
    resources: targets,
  }
}

/**
 * Queues a copy of units into a repository. Throws kind `not-found` for the repository and `invalid` for a source that is not
 * there, or for an option that the importer cannot honour and that would change what is copied; `permit` is asked about the further
 * repositories that such an option fills.
 */
export async function requestCopy(
  services: RequestServices,
  repositoryId: string,
  order: CopyOrder,
  permit: Permit,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  await requireRepository(services.repositories, order.sourceId, 'source_repo_id')
  const additional = await additionalRoutes(services, { ...order, repositoryId }, permit)
  return enqueueOne(services.tasks, copyTask(repositoryId, order, additional))
}

/**
 * Copies the units of the source's latest version that the criteria select, and what the importer wants copied along, some of it from
 * further sources into further repositories; no bytes move. New versions become visible together. Result: `units_successful`. Throws
 * `not-found` when one of a source and its target has no importer, and PLP0044 when the source has a type that the target's importer
 * does not take, be it selected or not (pulp2-api §7).
 */
export async function copyUnits(services: CopyServices, run: TaskRun): Promise<TaskOutcome> {
  const routes = routesIn(run.task)
  for (const { sourceId, repositoryId } of routes) await requireTypes(services, sourceId, repositoryId)
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const legs = await openLegs(services, routes, run.fence)
    const copied = await tryCopy(services, run, legs)
    if (copied !== undefined) return { result: copied.result() }
    for (const { draft } of legs) await draft.abandon()
  }
  const sources = routes.map(({ sourceId }) => sourceId).join(', ')
  throw new DeckleError('conflict', `${sources}: this changes again and again while units are copied; try later`)
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

/** A route being copied over: what its source has, and what goes into its target. */
interface OpenLeg extends CopyLeg {
  readonly draft: VersionDraft
}

async function openLegs(
  services: CopyServices,
  routes: readonly CopyRoute[],
  fence: Fence,
): Promise<readonly OpenLeg[]> {
  const legs: OpenLeg[] = []
  for (const { sourceId, repositoryId } of routes) {
    const draft = await services.versions.open(repositoryId, fence)
    const { latest } = await services.repositories.get(sourceId)
    const source = { repositoryId: sourceId, version: latest }
    legs.push({ draft, source, target: { repositoryId, version: draft.base.number } })
  }
  return legs
}

/** Undefined when units that were found are gone before they were held, or a source is another one by now. */
async function tryCopy(
  services: CopyServices,
  run: TaskRun,
  legs: readonly OpenLeg[],
): Promise<UnitsSuccessful | undefined> {
  const taken: TakenPage[] = []
  const take: Take = async (leg, page) => {
    run.signal.throwIfAborted()
    const gone = await leg.draft.take(page)
    taken.push({ leg, page })
    return gone.length === 0
  }
  const [leg, ...additional] = legs
  if (leg === undefined) return undefined
  const selected = await services.units.select(leg.source.repositoryId, criteriaArgument(run.task))
  for (const page of selected.pages(pageUnits)) if (!(await take(leg, page))) return undefined
  const copy = { ...(await importerOf(services, run.task)), leg, additional, selected, signal: run.signal }
  if (!(await takeFurther(services, copy, take))) return undefined
  const copied = await reportOf(services, taken)
  await services.versions.commitTogether(
    legs.map(({ draft }) => draft),
    run.fence,
  )
  return copied
}

interface TakenPage {
  readonly leg: OpenLeg
  readonly page: readonly number[]
}

/** Read when all is taken: 50,000 keys and what a copier holds are too much at a time. */
async function reportOf({ plugins, units }: CopyServices, taken: readonly TakenPage[]): Promise<UnitsSuccessful> {
  const copied = new UnitsSuccessful(plugins.contentTypes)
  for (const { leg, page } of taken) {
    if (copied.isFull) copied.count(page.length)
    else copied.add(await units.names(page), leg.target.repositoryId)
  }
  return copied
}

/** False when one of the units is gone. */
type Take = (leg: OpenLeg, page: readonly number[]) => Promise<boolean>

async function importerOf(services: CopyServices, task: Task) {
  const attached = await attachedTo(services, textArgument(task, 'repository'))
  const config = effectiveConfig(attached.config, objectArgument(task, 'override'))
  return { importer: services.plugins.importer(attached.type), config }
}

/** False when the selection and what goes with it would be of two versions of a source. */
async function takeFurther(
  { repositories, versions }: CopyServices,
  copy: CopyBeingMade<OpenLeg>,
  take: Take,
): Promise<boolean> {
  if (copy.importer.copier?.options(copy.config) === undefined) return true
  const { repositoryId, version } = copy.leg.source
  if ((await repositories.get(repositoryId)).latest !== version) return false
  try {
    for await (const { leg, ids } of furtherUnits(versions, copy)) if (!(await take(leg, ids))) return false
  } catch (error) {
    if (await areKept(versions, copy)) throw error
  }
  return areKept(versions, copy)
}
