import type { Criteria } from './criteria.ts'
import type { Json, JsonObject } from './json.ts'
import type { RepositoryDistributor } from './repository.ts'
import type { Fence, NewTask, Task } from './task.ts'

/** A machine that takes content from here, as Pulp knows it (pulp2-api §15). Not a host of pull tasks. */
export interface Consumer {
  readonly key: number
  /** Chosen by the user. */
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly capabilities: JsonObject
  /** PEM of its own public key, if it sent one. */
  readonly publicKey: string | null
  readonly created: Date
}

export type NewConsumer = Pick<Consumer, 'id' | 'displayName' | 'description' | 'notes' | 'publicKey'>
export type ConsumerChange = Partial<Omit<NewConsumer, 'id'>>

/** Consumers. Methods throw kind `not-found` with `consumer`; `originator` is who the history says did it. */
export interface ConsumerStore {
  /** Throws kind `conflict` for an id that is taken. */
  create(consumer: NewConsumer, originator: string): Promise<Consumer>
  get(id: string): Promise<Consumer>
  find(id: string): Promise<Consumer | undefined>
  /** Which of these ids are consumers. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** In order of id. */
  list(): Promise<readonly Consumer[]>
  update(id: string, change: ConsumerChange): Promise<Consumer>
  /** With its bindings, profiles, schedules and memberships; its agent has nothing more to do. Its history is kept like others. */
  delete(id: string, originator: string): Promise<void>
}

/** What a consumer takes: the publication of one distributor. */
export interface Binding {
  readonly key: number
  readonly consumerId: string
  readonly repositoryId: string
  readonly distributorId: string
  readonly notifyAgent: boolean
  readonly config: JsonObject
  /** Being unbound: its agent has not said yet that it is gone there. */
  readonly deleted: boolean
  /** What its agent was told and has not done well, oldest first. */
  readonly actions: readonly BindingAction[]
  readonly created: Date
}

/** A task of an agent that concerns a binding. */
export interface BindingAction {
  readonly taskId: string
  readonly action: 'bind' | 'unbind'
  readonly status: 'pending' | 'failed'
  /** When it was queued. */
  readonly timestamp: Date
}

export type BindingName = Pick<Binding, 'consumerId' | 'repositoryId' | 'distributorId'>
/** By which the tasks of agents that concern a binding are found. */
export function bindingTags({ consumerId, repositoryId, distributorId }: BindingName): readonly string[] {
  return [`consumer:${consumerId}`, `repository:${repositoryId}`, `repository_distributor:${distributorId}`]
}

export type NewBinding = Pick<Binding, 'repositoryId' | 'distributorId' | 'notifyAgent' | 'config'>

/** What came of a binding, and the tasks that tell agents of it. */
export interface BindingChange {
  readonly binding: Binding
  readonly tasks: readonly Task[]
}

export interface UnbindWish {
  /** The binding goes at once, whatever its agent does. */
  readonly force: boolean
  readonly originator: string
}

/** Bindings of consumers. What agents shall be told is queued in the transaction that makes it true. */
export interface BindingStore {
  /** Those of some consumers, or of them to one repository, that are not being unbound; in order of their making. */
  of(consumerIds: readonly string[], repositoryId?: string): Promise<readonly Binding[]>
  /** One, though it be on its way out. Throws kind `not-found` with `bind_id`. */
  get(name: BindingName): Promise<Binding>
  /**
   * Binds consumers to a distributor, which nobody changes or removes meanwhile, or changes the bindings that are there. Consumers
   * that are gone are passed over. Throws kind `not-found` with `repo_id` and `distributor_id`.
   */
  bind(
    consumerIds: readonly string[],
    binding: NewBinding,
    originator: string,
    toTask: (name: BindingName, distributor: RepositoryDistributor) => NewTask,
  ): Promise<readonly BindingChange[]>
  /** Unbinds those of the consumers that are bound: at once where no agent is told or with force, else when the agent has done it. */
  unbind(
    consumerIds: readonly string[],
    distributor: Omit<BindingName, 'consumerId'>,
    wish: UnbindWish,
    toTask: (name: BindingName) => NewTask,
  ): Promise<readonly BindingChange[]>
}

/** What happens to bindings when that which they name is changed or taken away; agents hear of it by tasks. */
export interface BindingFollowers {
  /** Bindings of a distributor whose agents want to be told. */
  told(repositoryId: string, distributorId: string): Promise<readonly Binding[]>
  /**
   * Without a fence at once, for a client. Ends the bindings of a distributor, or of all distributors of a repository: those whose agents are not told go at once, the
   * others when their agents have done it. Returns those that no agent has been told to end yet.
   */
  end(repositoryId: string, distributorId: string | undefined, fence?: Fence): Promise<readonly Binding[]>
}

/** What is installed on a consumer, by content type, as its profiler reports it. */
export interface Profile {
  readonly key: number
  readonly consumerId: string
  readonly contentType: string
  readonly profile: Json
  /** sha256 of the compact JSON with sorted members, hexadecimal; equal profiles share what is computed from them. */
  readonly hash: string
  readonly created: Date
}

/** Profiles of consumers. Methods throw kind `not-found` with `consumer`. */
export interface ProfileStore {
  /** In order of content type. */
  of(consumerId: string): Promise<readonly Profile[]>
  /** Throws kind `not-found` with `profile_id`. */
  get(consumerId: string, contentType: string): Promise<Profile>
  /** Replaces the one of the content type. */
  put(
    consumerId: string,
    profile: Pick<Profile, 'contentType' | 'profile' | 'hash'>,
    originator: string,
  ): Promise<Profile>
  /** One that is not there throws kind `not-found` with `profile_id`. */
  delete(consumerId: string, contentType: string): Promise<void>
}

/** Consumers chosen by hand or by criteria, for acting on them together. */
export interface ConsumerGroup {
  readonly key: number
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  /** In order of id. */
  readonly consumerIds: readonly string[]
  readonly created: Date
}

export type NewConsumerGroup = Omit<ConsumerGroup, 'key' | 'created'>
export type ConsumerGroupChange = Partial<Pick<ConsumerGroup, 'displayName' | 'description' | 'notes'>>

/** Groups of consumers. A consumer that is deleted leaves its groups. Methods throw kind `not-found` with `consumer_group`. */
export interface ConsumerGroupStore {
  /** Throws kind `conflict` for an id that is taken; consumers that are not there are left out. */
  create(group: NewConsumerGroup, originator: string): Promise<ConsumerGroup>
  get(id: string): Promise<ConsumerGroup>
  /** In order of id. */
  list(): Promise<readonly ConsumerGroup[]>
  update(id: string, change: ConsumerGroupChange): Promise<ConsumerGroup>
  /** Its consumers stay as they are. */
  delete(id: string, originator: string): Promise<void>
  /** Consumers by row id; those that are gone, or in it already, are left out. */
  associate(id: string, consumers: readonly number[], originator: string): Promise<ConsumerGroup>
  unassociate(id: string, consumers: readonly number[], originator: string): Promise<ConsumerGroup>
}

/** pulp2-api §15: history. */
export const consumerEventTypes = [
  'consumer_registered',
  'consumer_unregistered',
  'repo_bound',
  'repo_unbound',
  'content_unit_installed',
  'content_unit_uninstalled',
  'unit_profile_changed',
  'added_to_group',
  'removed_from_group',
] as const

export type ConsumerEventType = (typeof consumerEventTypes)[number]

/** Something that happened to a consumer. */
export interface ConsumerEvent {
  readonly key: number
  readonly consumerId: string
  readonly type: ConsumerEventType
  /** Login of who did it, or the system. */
  readonly originator: string
  readonly timestamp: Date
  readonly details: Json
}

/** Who did what nobody in particular did. */
export const systemOriginator = 'SYSTEM'

export interface ConsumerEventFilter {
  readonly type?: ConsumerEventType
  readonly limit?: number
  readonly sort: 'ascending' | 'descending'
  readonly from?: Date
  /** Before this moment. */
  readonly before?: Date
}

export interface ConsumerEventStore {
  /** Of a consumer, by time; also from before it was deleted and registered again. */
  of(consumerId: string, filter: ConsumerEventFilter): Promise<readonly ConsumerEvent[]>
}

/** Finds what criteria describe, as `Searches` does; bindings that are being unbound too. */
export interface ConsumerSearches {
  consumers(criteria: Criteria): Promise<readonly Consumer[]>
  bindings(criteria: Criteria): Promise<readonly Binding[]>
  profiles(criteria: Criteria): Promise<readonly Profile[]>
  groups(criteria: Criteria): Promise<readonly ConsumerGroup[]>
}

/** The digits in an object id that tell the kind (`SearchVocabulary`). */
export type ConsumerKindTags = Readonly<Record<'consumer' | 'binding' | 'consumerProfile' | 'consumerGroup', string>>

/** What an agent is told to do, beyond bindings. */
export const contentActions = ['install', 'update', 'uninstall'] as const
export type ContentAction = (typeof contentActions)[number]

/** A unit as a client names it for an agent: no unit of the catalog has to be meant. */
export interface NamedUnit {
  readonly type: string
  readonly key: JsonObject
}
