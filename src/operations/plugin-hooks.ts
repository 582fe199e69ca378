import type { Distributor } from '../core/distributor.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import type { Plugins } from '../core/plugin.ts'
import type { Confirm, RepositoryStore } from '../core/repository.ts'

/** An importer or distributor that comes to a repository or leaves it. */
export interface Part {
  /** Undefined where its plugin is not installed any more. */
  readonly plugin: Importer | Distributor | undefined
  readonly repositoryId: string
  /** Of a distributor its id, of an importer its type. */
  readonly id: string
  readonly config: JsonObject
}

/**
 * Runs `attach`, which calls what it is given before it commits: then the plugins hear that their parts are added. When one of
 * them throws, or the commit fails, those that have heard of it hear that they are removed, and nothing is attached.
 */
export async function attachParts<Result>(
  parts: readonly Part[],
  attach: (confirm: Confirm) => Promise<Result>,
): Promise<Result> {
  const added: Part[] = []
  try {
    return await attach(async () => {
      for (const part of parts) {
        await part.plugin?.added?.(described(part, part.plugin.config.parse(part.config)))
        added.push(part)
      }
    })
  } catch (error) {
    // What went wrong first is what the user is told.
    for (const part of added.reverse()) await partRemoved(part).catch(() => undefined)
    throw error
  }
}

/** Tells the plugin that its part goes. */
export async function partRemoved(part: Part): Promise<void> {
  await part.plugin?.removed?.(described(part, part.config))
}

/** The same for everything of a repository that is deleted, which no plugin can stop. */
export async function allRemoved(
  services: { readonly plugins: Plugins; readonly repositories: RepositoryStore },
  repositoryId: string,
  log: Log,
): Promise<void> {
  const [details] = await services.repositories.details([repositoryId])
  if (details === undefined) return
  const importers = details.importers.map((importer) => importerPart(services.plugins, repositoryId, importer))
  const distributors = details.distributors.map((one) => distributorPart(services.plugins, repositoryId, one))
  for (const part of [...distributors, ...importers]) {
    await partRemoved(part).catch((error: unknown) => {
      log.warn('a plugin fails over the end of a repository', { repository: repositoryId, reason: String(error) })
    })
  }
}

export function importerPart(
  plugins: Plugins,
  repositoryId: string,
  { type, config }: { readonly type: string; readonly config: JsonObject },
): Part {
  return { plugin: plugins.findImporter(type), repositoryId, id: type, config }
}

export function distributorPart(
  plugins: Plugins,
  repositoryId: string,
  { id, type, config }: { readonly id: string; readonly type: string; readonly config: JsonObject },
): Part {
  return { plugin: plugins.findDistributor(type), repositoryId, id, config }
}

function described<Config>({ repositoryId, id }: Part, config: Config) {
  return { repository: { id: repositoryId }, id, config }
}
