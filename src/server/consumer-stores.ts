import type { ServerAddressBook } from '../core/server-addresses.ts'
import { PostgresApplicabilityStore } from '../database/applicability/postgres-applicability-store.ts'
import type { Database } from '../database/connection.ts'
import { PostgresBindingStore } from '../database/consumers/postgres-binding-store.ts'
import { PostgresConsumerEvents } from '../database/consumers/postgres-consumer-events.ts'
import { PostgresConsumerGroups } from '../database/consumers/postgres-consumer-groups.ts'
import { PostgresConsumerStore } from '../database/consumers/postgres-consumer-store.ts'
import { PostgresProfileStore } from '../database/consumers/postgres-profile-store.ts'
import { PostgresServerAddresses } from '../database/server-addresses.ts'
import type { ConsumerStores as Stores } from '../operations/consumers/consumer-services.ts'

/** What consumers are kept with, and what they are told. */
export interface ConsumerStores extends Stores {
  readonly bindings: PostgresBindingStore
  readonly addresses: ServerAddressBook
}

export function consumerStores(database: Database): ConsumerStores {
  return {
    consumers: new PostgresConsumerStore(database),
    bindings: new PostgresBindingStore(database),
    profiles: new PostgresProfileStore(database),
    consumerEvents: new PostgresConsumerEvents(database),
    consumerGroups: new PostgresConsumerGroups(database),
    applicability: new PostgresApplicabilityStore(database),
    addresses: new PostgresServerAddresses(database),
  }
}
