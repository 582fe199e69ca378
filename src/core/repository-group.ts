import type { Json, JsonObject } from './json.ts'

/** Repositories that are acted on together (pulp2-api §10). */
export interface RepositoryGroup {
  readonly key: number
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly repositoryIds: readonly string[]
  readonly scratchpad: Json
}

export interface GroupDistributorRow {
  readonly key: number
  readonly groupId: string
  readonly id: string
  readonly type: string
  /** As sent, secrets included. */
  readonly config: JsonObject
  readonly scratchpad: Json
  readonly lastPublish: Date | null
}
