import type { JsonObject } from './json.ts'
import type { LifeState } from './life-cycle.ts'

const types = [
  'account',
  'agentKey',
  'apiKey',
  'host',
  'image',
  'project',
  'pullTask',
  'register',
  'registrationToken',
  'registry',
  'registryCredential',
  'storagePool',
] as const

/**
 * What has a life cycle and belongs to a project or account (rancher-api §4). A registry is a storage pool too. An agent key, which
 * no API shows, belongs to the host whose agent logs in with it.
 */
export type ResourceType = (typeof types)[number]

export const resourceTypes: readonly ResourceType[] = types

/** Rows that every server has from the start (rancher-api §1.6). */
export const adminAccount = 1
export const defaultProject = 5

export interface Resource {
  /** Row id; unique over all types. */
  readonly key: number
  readonly type: ResourceType
  /** The project or account that owns it; null for accounts and projects. */
  readonly owner: number | null
  readonly name: string | null
  readonly description: string | null
  readonly state: LifeState
  readonly uuid: string
  readonly created: Date
  readonly removed: Date | null
  /** From when on it is purged by itself and no longer listed. */
  readonly removeTime: Date | null
  /**
   * What tells it from others of its type and owner, null if nothing does: the full name of an image, the lower-case address of a
   * registry, the access key of a key, the identity of a host, the key of a `register`.
   */
  readonly identity: string | null
  /** What is going on, null for nothing in particular; the error text when `failed`. */
  readonly message: string | null
  /** Percent of the transition, null when unknown. */
  readonly progress: number | null
  /** The last transition failed. */
  readonly failed: boolean
  /** The fields of its type, named as there, other resources by their keys; secrets are encrypted or hashed before they come here. */
  readonly data: JsonObject
}

export interface NewResource {
  readonly type: ResourceType
  readonly owner: number | null
  readonly name?: string | null
  readonly description?: string | null
  readonly state: LifeState
  readonly identity?: string
  readonly data: JsonObject
}

/** Members that are absent stay as they are; `data` is merged, a null in it removes the member. */
export interface ResourceChange {
  readonly state?: LifeState
  readonly name?: string | null
  readonly description?: string | null
  readonly removed?: Date | null
  readonly removeTime?: Date | null
  readonly message?: string | null
  readonly progress?: number | null
  readonly failed?: boolean
  readonly data?: JsonObject
}

/**
 * Columns that lists can be filtered and sorted by. Text is compared by code point, case counts; in a sort, null comes after all
 * values, before them when descending.
 */
export type ResourceColumn =
  | 'key'
  | 'name'
  | 'description'
  | 'state'
  | 'uuid'
  | 'created'
  | 'removed'
  | 'removeTime'
  | 'identity'
  | 'owner'

/** As in SQL, null is neither equal nor unequal to a value. */
export type ResourceFilter =
  | { readonly column: ResourceColumn; readonly test: 'null' | 'notnull' }
  | {
      readonly column: ResourceColumn
      /** `like` has `%` and `_`, nothing else is special in it; `prefix` is the beginning. */
      readonly test: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'prefix' | 'like' | 'notlike'
      readonly value: string | number | Date
    }
  /** A member of `data`: whatever it holds, compared as text (`registryId` of credentials, `kind` of accounts). */
  | { readonly member: string; readonly test: 'null' | 'notnull' }
  | { readonly member: string; readonly test: 'eq' | 'ne'; readonly value: string }

export interface ResourceQuery {
  readonly types: readonly ResourceType[]
  /** Undefined: of everybody. */
  readonly owners?: readonly number[]
  /** Undefined: whatever their keys. */
  readonly keys?: readonly number[]
  /** All of these. */
  readonly filters: readonly ResourceFilter[]
  readonly sort?: { readonly column: ResourceColumn; readonly descending: boolean }
  readonly limit: number
  readonly offset: number
  /** Those too whose `removeTime` has passed, or that were removed 300 seconds ago (rancher-api §2.4). */
  readonly removed?: boolean
}

export interface ResourceStore {
  /** Throws kind `conflict` when one of the type and owner with the identity exists that is not removed. */
  create(resource: NewResource): Promise<Resource>
  /** Throws kind `not-found` for no such row, or one of another type. */
  get(types: readonly ResourceType[], key: number): Promise<Resource>
  /** Not removed, by type, owner and identity. */
  find(type: ResourceType, owner: number | null, identity: string): Promise<Resource | undefined>
  /** By identity alone, for what is unique everywhere: access keys, tokens. */
  findAnywhere(type: ResourceType, identity: string): Promise<Resource | undefined>
  /** At most `limit`, by key, or in the order asked for and then by key in the same direction. */
  list(query: ResourceQuery): Promise<readonly Resource[]>
  /**
   * Changes it if it is in one of the states `from`, else nothing: undefined then. One transaction; others are told (`changes`).
   * Throws kind `conflict` where it would be the second that is not removed of its type, owner and identity.
   */
  change(key: number, from: readonly LifeState[], change: ResourceChange): Promise<Resource | undefined>
  /** Transitioning ones that nobody has touched for `seconds`: whoever worked on them may be dead. */
  unsettled(seconds: number, limit: number): Promise<readonly Resource[]>
  /** Those `removed` whose time has come. */
  toPurge(limit: number): Promise<readonly Resource[]>
  /** Rows purged more than `days` ago go for good. Returns how many. */
  deletePurged(days: number, limit: number): Promise<number>
  /** Keys of resources as they change, in every process; undefined when some may have been missed. */
  changes(listener: (key: number | undefined) => void): () => void
}
