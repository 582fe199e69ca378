import type { BindingChange, BindingName, NewBinding } from '../../core/consumer.ts'
import { DeckleError, invalid } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { bindTask, unbindTask } from './agent-tasks.ts'
import { payloadContext, toldDistributor } from './consumer-payload.ts'
import type { ConsumerServices } from './consumer-services.ts'

type BindServices = Pick<ConsumerServices, 'bindings' | 'plugins' | 'repositories' | 'addresses'>

/**
 * Binds consumers to a distributor; agents that are to be told get a task each, with `options` and what the distributor hands to
 * consumers. Throws kind `invalid` that names `repo_id` or `distributor_id` for what is not there.
 */
export async function bindConsumers(
  services: BindServices,
  consumerIds: readonly string[],
  wanted: NewBinding & { readonly options: JsonObject },
  originator: string,
): Promise<readonly BindingChange[]> {
  const { options, ...binding } = wanted
  try {
    const given = await payloadContext(services, binding.repositoryId)
    return await services.bindings.bind(consumerIds, binding, originator, (name, distributor) =>
      bindTask(name, toldDistributor(services.plugins, distributor, given), options),
    )
  } catch (error) {
    throw asInvalid(error)
  }
}

/** What a body names is no resource of the path: 400, not 404 (pulp2-api §15). */
function asInvalid(error: unknown): unknown {
  if (!(error instanceof DeckleError) || error.kind !== 'not-found') return error
  const { repository, distributor_id: distributor } = error.details.resources ?? {}
  if (repository !== undefined) return invalid(`there is no repository ${repository}`, ['repo_id'])
  return invalid(`the repository has no distributor ${distributor}`, ['distributor_id'])
}

export interface UnbindWish {
  /** The binding goes at once, whatever its agent does. */
  readonly force: boolean
  /** For the handler of the agent. */
  readonly options: JsonObject
}

/** Unbinds those of the consumers that are bound; agents that are to be told get a task each. */
export function unbindConsumers(
  services: Pick<ConsumerServices, 'bindings'>,
  consumerIds: readonly string[],
  distributor: Omit<BindingName, 'consumerId'>,
  { force, options }: UnbindWish,
  originator: string,
): Promise<readonly BindingChange[]> {
  return services.bindings.unbind(consumerIds, distributor, { force, originator }, (name) => unbindTask(name, options))
}
