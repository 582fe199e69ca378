import type { Binding } from '../../../core/consumer.ts'
import { DeckleError } from '../../../core/errors.ts'
import { consumerPayload, payloadContext } from '../../../operations/consumers/consumer-payload.ts'
import type { PayloadServices } from '../../../operations/consumers/consumer-services.ts'
import type { PulpBinding, PulpBindingWithDetails, PulpLinkedBinding } from '../../../wire/pulp/consumer.ts'
import { hrefs } from '../hrefs.ts'
import { objectId } from '../object-id.ts'

/** pulp2-api §15. */
export function toPulpBinding(binding: Binding): PulpBinding {
  const id = objectId('binding', binding.created, binding.key)
  return {
    _id: { $oid: id },
    _ns: 'consumer_bindings',
    id,
    consumer_id: binding.consumerId,
    repo_id: binding.repositoryId,
    distributor_id: binding.distributorId,
    notify_agent: binding.notifyAgent,
    binding_config: binding.config,
    consumer_actions: binding.actions.map(({ taskId, timestamp, ...told }) => ({
      ...told,
      id: taskId,
      timestamp: timestamp.getTime() / 1000,
    })),
    deleted: binding.deleted,
  }
}

export function toLinkedBinding(binding: Binding): PulpLinkedBinding {
  const { consumerId, repositoryId, distributorId } = binding
  return { ...toPulpBinding(binding), _href: hrefs.binding(consumerId, repositoryId, distributorId) }
}

/** With what the consumer is told of the distributor as it is now. */
export async function withDetails(services: PayloadServices, binding: Binding): Promise<PulpBindingWithDetails> {
  return { ...toLinkedBinding(binding), ...(await detailsOf(services, binding)) }
}

/** A distributor that is gone leaves bindings behind until their agents have heard of it. */
async function detailsOf(services: PayloadServices, { repositoryId, distributorId }: Binding) {
  try {
    const given = await payloadContext(services, repositoryId)
    const distributor = await services.repositories.distributor(repositoryId, distributorId)
    return { type_id: distributor.type, details: consumerPayload(services.plugins, distributor, given) }
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'not-found') throw error
    return { type_id: null, details: null }
  }
}
