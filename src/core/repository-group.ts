import type { Json, JsonObject } from './json.ts'
import type { Fence } from './task.ts'

/** Repositories that are acted on together (pulp2-api §10). */
export interface RepositoryGroup {
  readonly key: number
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  /** In order of id. */
  readonly repositoryIds: readonly string[]
  readonly scratchpad: Json
  readonly created: Date
}

export interface NewRepositoryGroup {
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly repositoryIds: readonly string[]
}

export interface RepositoryGroupChange {
  readonly displayName?: string | null
  readonly description?: string | null
  /** All of them. */
  readonly notes?: JsonObject
}

/** A distributor of a group. */
export interface AttachedGroupDistributor {
  readonly key: number
  readonly groupId: string
  /** Unique in the group. */
  readonly id: string
  readonly type: string
  /** As sent, without nulls, secrets included. */
  readonly config: JsonObject
  readonly scratchpad: Json
  readonly created: Date
  readonly lastPublish: Date | null
}

export type NewGroupDistributor = Pick<AttachedGroupDistributor, 'id' | 'type' | 'config'>

/**
 * Groups of repositories and what is attached to them. A repository that is deleted leaves its groups. Methods throw kind
 * `not-found` with `repo_group`, `distributor` besides, or `repositories` for what is not there.
 */
export interface RepositoryGroupStore {
  /** All or nothing; throws kind `conflict` for an id that is taken. */
  create(group: NewRepositoryGroup, distributors: readonly NewGroupDistributor[]): Promise<RepositoryGroup>
  get(id: string): Promise<RepositoryGroup>
  /** In order of id. */
  list(): Promise<readonly RepositoryGroup[]>
  update(id: string, change: RepositoryGroupChange): Promise<RepositoryGroup>
  /** With its distributors; what they have written stays. */
  delete(id: string): Promise<void>
  /** Repositories by row id; those that are gone, or in it already, are left out. */
  associate(id: string, repositories: readonly number[]): Promise<RepositoryGroup>
  unassociate(id: string, repositories: readonly number[]): Promise<RepositoryGroup>

  distributor(groupId: string, id: string): Promise<AttachedGroupDistributor>
  /** In order of id. */
  distributors(groupId: string): Promise<readonly AttachedGroupDistributor[]>
  /** Of all groups, in no order. */
  distributorsOfType(type: string): Promise<readonly AttachedGroupDistributor[]>
  /** Replaces one that has the same id. */
  setDistributor(groupId: string, distributor: NewGroupDistributor): Promise<AttachedGroupDistributor>
  configureDistributor(groupId: string, id: string, config: JsonObject): Promise<AttachedGroupDistributor>
  removeDistributor(groupId: string, id: string): Promise<void>
  /** Stamps its last publish and keeps its scratchpad, if there is a new one. Gone meanwhile is no error. */
  published(distributorKey: number, scratchpad: Json | undefined, fence: Fence): Promise<void>
}
