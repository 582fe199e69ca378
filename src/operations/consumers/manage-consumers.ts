import type { IssuedCertificate } from '../../core/certificate.ts'
import type { Consumer, ConsumerChange, NewConsumer } from '../../core/consumer.ts'
import { DeckleError } from '../../core/errors.ts'
import { mergeConfig } from '../check-config.ts'
import type { ConsumerServices } from './consumer-services.ts'

/** pulp2-api §1.2; the length is ours, since an id is a key of the database. */
export const consumerIdPattern = /^[.\-_A-Za-z0-9]{1,255}$/

export interface WantedConsumer extends Omit<NewConsumer, 'displayName'> {
  /** The id when it is absent. */
  readonly displayName?: string
}

/**
 * Registers a consumer with a certificate that stands for it from now on. Making that takes a moment, so an id that is taken is
 * refused before.
 */
export async function registerConsumer(
  services: Pick<ConsumerServices, 'consumers' | 'authority'>,
  { displayName, ...wanted }: WantedConsumer,
  originator: string,
): Promise<{ readonly consumer: Consumer; readonly issued: IssuedCertificate }> {
  const { id } = wanted
  if ((await services.consumers.find(id)) !== undefined) {
    throw new DeckleError('conflict', `A consumer with the id ${id} already exists`, { resources: { consumer: id } })
  }
  const issued = await services.authority.issue({ kind: 'consumer', id })
  const consumer = await services.consumers.create({ ...wanted, displayName: displayName ?? id }, originator)
  return { consumer, issued }
}

/** Changes a consumer; `notes` are merged: null takes a key out. */
export async function updateConsumer(
  services: Pick<ConsumerServices, 'consumers'>,
  id: string,
  { notes, ...change }: ConsumerChange,
): Promise<Consumer> {
  const before = await services.consumers.get(id)
  const merged = notes === undefined ? {} : { notes: mergeConfig(before.notes, notes, []) }
  return services.consumers.update(id, { ...change, ...merged })
}
