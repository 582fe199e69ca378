import { invalid, notFound } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import type { DeletedOrphans, Orphans } from '../core/orphans.ts'
import type { Plugins } from '../core/plugin.ts'
import type { NewTask, Task, TaskOutcome, TaskRun, TaskStore } from '../core/task.ts'
import { enqueueOne } from './manage-services.ts'

export interface OrphanServices {
  readonly plugins: Plugins
  readonly orphans: Orphans
  readonly tasks: TaskStore
}

/** No resources: it runs beside everything else (pulp2-api §3.5). */
function orphanTask(operation: string, args: JsonObject, ...actions: readonly string[]): NewTask {
  return { operation, arguments: args, tags: ['content_unit:orphans', ...actions], resources: [] }
}

export function requestOrphanDeletion(services: OrphanServices): Promise<Task> {
  return enqueueOne(services.tasks, orphanTask('delete-orphans', {}))
}

/** Throws kind `not-found` for a type that no plugin declares. */
export async function requestOrphanDeletionOfType(services: OrphanServices, type: string): Promise<Task> {
  requireType(services.plugins, type)
  return enqueueOne(services.tasks, orphanTask('delete-orphans-by-type', { type }))
}

/** Throws kind `not-found` for what is no orphan. */
export async function requestOrphanDeletionOfUnit(
  services: OrphanServices,
  type: string,
  wireId: string,
): Promise<Task> {
  await requireOrphan(services, type, wireId)
  return enqueueOne(services.tasks, orphanTask('delete-orphans-by-id', { units: [toArgument(type, wireId)] }))
}

/** The list is looked at by the task, which fails on a bad entry (pulp2-api §9.2). */
export function requestOrphanDeletionOfUnits(services: OrphanServices, units: readonly Json[]): Promise<Task> {
  return enqueueOne(services.tasks, orphanTask('delete-orphans-by-id', { units }, 'action:delete_orphans'))
}

/** Throws kind `not-found` unless it is an orphan of a known type. */
export async function requireOrphan(
  services: Pick<OrphanServices, 'plugins'> & { readonly orphans: Pick<Orphans, 'has'> },
  type: string,
  wireId: string,
): Promise<void> {
  const known = services.plugins.contentTypes.some(({ id }) => id === type)
  if (known && isUuid(wireId) && (await services.orphans.has(type, wireId))) return
  throw notFound({ content_type: type, content_unit: wireId })
}

export function requireType(plugins: Plugins, type: string): void {
  if (!plugins.contentTypes.some(({ id }) => id === type)) throw notFound({ content_type_id: type })
}

/** Result: how many units went, per content type for all of them, as a number for one type, none for single units. */
export async function deleteOrphans(services: OrphanServices, run: TaskRun): Promise<TaskOutcome> {
  const { type, units } = run.task.arguments
  if (Array.isArray(units)) {
    await deleteUnits(services, run, units)
    return {}
  }
  const scope = typeof type === 'string' ? { type } : {}
  const deleted = await services.orphans.delete(scope, run.fence, run.signal)
  logDeleted(run, deleted)
  return { result: typeof type === 'string' ? (deleted[type] ?? 0) : { ...deleted } }
}

async function deleteUnits(services: OrphanServices, run: TaskRun, units: readonly Json[]): Promise<void> {
  const wanted = Map.groupBy(
    units.map((entry) => readUnit(services.plugins, entry)),
    ({ type }) => type,
  )
  for (const [type, entries] of wanted) {
    const wireIds = entries.map(({ wireId }) => wireId)
    logDeleted(run, await services.orphans.delete({ type, wireIds }, run.fence, run.signal))
  }
}

function readUnit(plugins: Plugins, entry: Json): { readonly type: string; readonly wireId: string } {
  const { content_type_id: type, unit_id: wireId } = isJsonObject(entry) ? entry : {}
  if (typeof type !== 'string' || !plugins.contentTypes.some(({ id }) => id === type)) {
    throw invalid('every entry needs the content_type_id of a known type', ['content_type_id'])
  }
  if (typeof wireId === 'string' && isUuid(wireId)) return { type, wireId }
  throw invalid('every entry needs the unit_id of a unit', ['unit_id'])
}

function toArgument(type: string, wireId: string): JsonObject {
  return { content_type_id: type, unit_id: wireId }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

function logDeleted(run: TaskRun, deleted: DeletedOrphans): void {
  run.log.info('orphans were deleted', { ...deleted })
}
