import type { Consumer, ConsumerEvent, Profile } from '../../../core/consumer.ts'
import type { PulpConsumer, PulpConsumerEvent, PulpConsumerProfile } from '../../../wire/pulp/consumer.ts'
import { toPulpDate } from '../dates.ts'
import { hrefs } from '../hrefs.ts'
import { objectId } from '../object-id.ts'

/** pulp2-api §15. */
export function toPulpConsumer(consumer: Consumer): PulpConsumer {
  return {
    _id: { $oid: objectId('consumer', consumer.created, consumer.key) },
    _ns: 'consumers',
    _href: hrefs.consumer(consumer.id),
    id: consumer.id,
    display_name: consumer.displayName,
    description: consumer.description,
    notes: consumer.notes,
    capabilities: consumer.capabilities,
    rsa_pub: consumer.publicKey,
  }
}

export function toPulpProfile(profile: Profile): PulpConsumerProfile {
  const id = objectId('consumerProfile', profile.created, profile.key)
  return {
    _id: { $oid: id },
    _ns: 'consumer_unit_profiles',
    _href: hrefs.consumerProfile(profile.consumerId, profile.contentType),
    id,
    consumer_id: profile.consumerId,
    content_type: profile.contentType,
    profile: profile.profile,
    profile_hash: profile.hash,
  }
}

export function toPulpConsumerEvent(event: ConsumerEvent): PulpConsumerEvent {
  const id = objectId('consumerEvent', event.timestamp, event.key)
  return {
    _id: { $oid: id },
    _ns: 'consumer_history',
    id,
    consumer_id: event.consumerId,
    type: event.type,
    originator: event.originator,
    timestamp: toPulpDate(event.timestamp),
    details: event.details,
  }
}
