import type { ColumnType, Generated } from 'kysely'
import type { ConsumerEventType } from '../../core/consumer.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { JsonColumn, JsonColumnWithDefault, Now } from './column-types.ts'

/** Consumers, what they have, are bound to and lack. */
export interface ConsumerTables {
  consumer: {
    id: Generated<number>
    name: string
    display_name: string | null
    description: string | null
    notes: JsonColumn<JsonObject>
    capabilities: JsonColumnWithDefault<JsonObject>
    public_key: string | null
    created: Now
  }
  /** Names repository and distributor: it outlives them until its agent has said so. */
  binding: {
    id: Generated<number>
    consumer: number
    repository: string
    distributor: string
    notify_agent: boolean
    config: JsonColumn<JsonObject>
    /** Being unbound. */
    deleted: Generated<boolean>
    created: Now
  }
  consumer_profile: {
    id: Generated<number>
    consumer: number
    content_type: string
    profile: JsonColumn<Json>
    hash: Buffer
    created: Now
  }
  /** Names the consumer: the last event says that it is gone. */
  consumer_event: {
    id: Generated<number>
    consumer: string
    type: ConsumerEventType
    originator: string
    details: ColumnType<Json, string | null, string | null>
    recorded: Now
  }
  consumer_group: {
    id: Generated<number>
    name: string
    display_name: string | null
    description: string | null
    notes: JsonColumn<JsonObject>
    created: Now
  }
  consumer_group_member: { consumer_group: number; consumer: number }
  /** What was last found for a profile in a repository. */
  applicability: {
    id: Generated<number>
    profile_hash: Buffer
    profile_type: string
    repository: number
    content_type: string
    /** Of the repository, in which it was found. */
    version: number
    /** Wire ids. */
    units: string[]
  }
}
