import { DeckleError, invalid } from '../core/errors.ts'
import { effectiveConfig } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { RepositoryStore } from '../core/repository.ts'
import type { Task } from '../core/task.ts'
import type { ManageServices } from './manage-services.ts'

/** From where to where units are copied: ids of repositories. */
export interface CopyRoute {
  readonly sourceId: string
  readonly repositoryId: string
}

interface CopyRequest extends CopyRoute {
  readonly override: JsonObject
}

/** Throws kind `forbidden` for a repository that whoever asks for the copy may not change. */
export type Permit = (repositoryId: string) => Promise<void>

/**
 * Where else a copy looks for what its units need, as the importer reads its config. Throws kind `invalid` for an option that the importer
 * cannot honour, and for routes through a repository that is not there or that the copy names already: one that is filled and read at
 * once has no one state, and two drafts of one repository cannot be.
 */
export async function additionalRoutes(
  services: Pick<ManageServices, 'plugins' | 'repositories'>,
  { sourceId, repositoryId, override }: CopyRequest,
  permit: Permit,
): Promise<readonly CopyRoute[]> {
  const attached = await services.repositories.importer(repositoryId)
  const copier = attached && services.plugins.findImporter(attached.type)?.copier
  const options = copier?.options(effectiveConfig(attached?.config ?? {}, override))
  const additional = options === undefined ? undefined : copier?.additional?.(options)
  if (additional === undefined) return []
  const routes = [...additional.targets].map(([source, target]) => ({ sourceId: source, repositoryId: target }))
  requireDistinct(additional.field, [sourceId, repositoryId], routes)
  for (const route of routes) await permit(route.repositoryId)
  for (const id of routes.flatMap((route) => [route.sourceId, route.repositoryId]))
    await requireRepository(services.repositories, id, additional.field)
  return routes
}

function requireDistinct(field: string, taken: readonly string[], routes: readonly CopyRoute[]): void {
  const seen = new Set(taken)
  for (const id of routes.flatMap((route) => [route.sourceId, route.repositoryId])) {
    if (seen.has(id))
      throw invalid(`${field} names ${id}, which the copy reads or fills already: name each repository once`, [field])
    seen.add(id)
  }
}

/** Throws kind `invalid` that names `field`. */
export async function requireRepository(repositories: RepositoryStore, id: string, field: string): Promise<void> {
  try {
    await repositories.get(id)
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'not-found') throw error
    throw invalid(`${field}: there is no repository ${id}`, [field])
  }
}

/** As the copy's enqueuer put them into the task: its own, then the additional ones. */
export function routesIn(task: Task): readonly CopyRoute[] {
  const { repository, source, additional = [] } = task.arguments
  const own = { repositoryId: String(repository), sourceId: String(source) }
  return [own, ...(additional as unknown as readonly CopyRoute[])]
}
