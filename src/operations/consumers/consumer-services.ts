import type { ApplicabilityStore } from '../../core/applicability.ts'
import type { CertificateAuthority } from '../../core/certificate.ts'
import type {
  BindingStore,
  ConsumerEventStore,
  ConsumerGroupStore,
  ConsumerSearches,
  ConsumerStore,
  ProfileStore,
} from '../../core/consumer.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryStore } from '../../core/repository.ts'
import type { ServerAddressBook } from '../../core/server-addresses.ts'
import type { TaskStore } from '../../core/task.ts'

/** What consumers are kept with. */
export interface ConsumerStores {
  readonly consumers: ConsumerStore
  readonly bindings: BindingStore
  readonly profiles: ProfileStore
  readonly consumerEvents: ConsumerEventStore
  readonly consumerGroups: ConsumerGroupStore
  readonly applicability: ApplicabilityStore
}

/** What operations on consumers work with. */
export interface ConsumerServices extends ConsumerStores, PayloadServices {
  /** Over objects as the API that asks spells them. */
  readonly searches: ConsumerSearches
  readonly tasks: Pick<TaskStore, 'enqueue'>
  readonly authority: Pick<CertificateAuthority, 'issue'>
}

/** What it takes to tell a consumer how to reach what a distributor publishes. */
export interface PayloadServices {
  readonly plugins: Plugins
  readonly repositories: Pick<RepositoryStore, 'get' | 'distributor' | 'details'>
  readonly addresses: Pick<ServerAddressBook, 'read'>
}
