import type { PayloadContext } from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { ToldDistributor } from './agent-tasks.ts'
import type { PayloadServices } from './consumer-services.ts'

/** Everything but the distributor that a payload of a repository is made of. Throws kind `not-found`. */
export async function payloadContext(services: PayloadServices, repositoryId: string): Promise<PayloadContext> {
  const [{ id, displayName }, addresses] = await Promise.all([
    services.repositories.get(repositoryId),
    services.addresses.read(),
  ])
  return { repository: { id, displayName }, addresses }
}

/** What consumers that are bound to a distributor are told of it; `{}` where its plugin has nothing to say, or is not installed. */
export function consumerPayload(
  plugins: Plugins,
  { type, config }: Pick<RepositoryDistributor, 'type' | 'config'>,
  given: PayloadContext,
): JsonObject {
  const plugin = plugins.findDistributor(type)
  return plugin?.consumerPayload?.(plugin.config.parse(config), given) ?? {}
}

/** What agents are told of a distributor: its type says how to bind. */
export function toldDistributor(
  plugins: Plugins,
  distributor: Pick<RepositoryDistributor, 'type' | 'config'>,
  given: PayloadContext,
): ToldDistributor {
  return { type: distributor.type, payload: consumerPayload(plugins, distributor, given) }
}
