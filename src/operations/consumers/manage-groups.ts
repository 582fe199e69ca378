import type { ConsumerGroup, ConsumerGroupChange, NewConsumerGroup } from '../../core/consumer.ts'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { mergeConfig } from '../check-config.ts'
import type { ConsumerServices } from './consumer-services.ts'

/** pulp2-api §1.2; the length is ours. */
const groupIdPattern = /^[-_A-Za-z0-9]{1,255}$/

export interface WantedConsumerGroup extends Omit<NewConsumerGroup, 'id'> {
  readonly id?: string
}

/**
 * Makes a group of consumers that are there. Throws kind `invalid`, code `validation`, with what is wrong in `sub_errors` of its data:
 * the id, and each consumer that is not there (pulp2-api §15).
 */
export async function createConsumerGroup(
  services: Pick<ConsumerServices, 'consumers' | 'consumerGroups'>,
  { id, ...wanted }: WantedConsumerGroup,
  originator: string,
): Promise<ConsumerGroup> {
  const faults = [...faultsOfId(id), ...(await missingConsumers(services, wanted.consumerIds))]
  if (id === undefined || faults.length > 0) throw new DeckleError('invalid', 'Validation failed', validation(faults))
  return services.consumerGroups.create({ ...wanted, id }, originator)
}

function validation(faults: readonly JsonObject[]) {
  return { code: 'validation', data: { sub_errors: faults } }
}

function faultsOfId(id: string | undefined): readonly JsonObject[] {
  const data = { field: 'group_id' }
  if (id === undefined || id === '') return [{ code: 'PLP1002', description: 'group_id must have a value', data }]
  if (groupIdPattern.test(id)) return []
  return [{ code: 'PLP1003', description: 'group_id has illegal characters, or too many', data }]
}

async function missingConsumers(
  { consumers }: Pick<ConsumerServices, 'consumers'>,
  ids: readonly string[],
): Promise<readonly JsonObject[]> {
  const known = await consumers.known(ids)
  const missing = [...new Set(ids)].filter((id) => !known.has(id))
  return missing.map((id) => ({
    code: 'PLP1001',
    description: `there is no consumer ${id}`,
    data: { consumer_id: id },
  }))
}

/** Changes a group; a note that is falsy is taken out (pulp2-api §10). */
export async function updateConsumerGroup(
  services: Pick<ConsumerServices, 'consumerGroups'>,
  id: string,
  { notes, ...change }: ConsumerGroupChange,
): Promise<ConsumerGroup> {
  const before = await services.consumerGroups.get(id)
  const kept = Object.entries(notes ?? {}).map(([key, value]) => [key, value || null])
  const merged = notes === undefined ? {} : { notes: mergeConfig(before.notes, Object.fromEntries(kept), []) }
  return services.consumerGroups.update(id, { ...change, ...merged })
}
