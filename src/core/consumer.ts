import type { Json, JsonObject } from './json.ts'

/** A machine that takes content from here, as Pulp knows it (pulp2-api §15). Not a host of pull tasks. */
export interface Consumer {
  readonly key: number
  /** Chosen by the user. */
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly notes: JsonObject
  readonly capabilities: JsonObject
  /** PEM of its own public key, if it sent one. */
  readonly publicKey: string | null
  readonly created: Date
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
}

/** What is installed on a consumer, by content type, as its profiler reports it. */
export interface Profile {
  readonly consumerId: string
  readonly contentType: string
  readonly profile: Json
  /** sha256 of the compact JSON with sorted members; equal profiles share what is computed from them. */
  readonly hash: string
}

/** Consumers chosen by hand or by criteria, for acting on them together. */
export interface ConsumerGroup {
  readonly key: number
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly consumerIds: readonly string[]
}

/** Something that happened to a consumer (pulp2-api §15: history). */
export interface ConsumerEvent {
  readonly key: number
  readonly consumerId: string
  /** `consumer_registered`, `repo_bound`, `content_unit_installed` … */
  readonly type: string
  readonly originator: string
  readonly timestamp: Date
  readonly details: Json
}

/** What an agent is told to do, beyond bindings. */
export type ContentAction = 'install' | 'update' | 'uninstall'

/** A unit as a client names it for an agent: no unit of the catalog has to be meant. */
export interface NamedUnit {
  readonly type: string
  readonly key: JsonObject
}

/** What happens to consumers when something else is taken away or changed; the tasks are for agents (`core/agent-task.ts`). */
export interface BindingFollowers {
  /** Bindings of a distributor, or of all distributors of a repository. */
  bindingsOf(repositoryId: string, distributorId?: string): Promise<readonly Binding[]>
}
