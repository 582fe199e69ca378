import type { ColumnType, Generated } from 'kysely'
import type { ContentAction } from '../../core/consumer.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { JsonColumn, JsonColumnWithDefault, Now } from './column-types.ts'

/** Repositories with their versions, groups, importers, distributors and schedules, and what is uploaded for them. */
export interface RepositoryTables {
  repository: {
    id: Generated<number>
    name: string
    display_name: string | null
    description: string | null
    notes: JsonColumn<JsonObject>
    scratchpad: JsonColumnWithDefault<Json>
    latest: Generated<number>
    /** Null: as the server's setting says. */
    retain_versions: number | null
    last_unit_added: Date | null
    last_unit_removed: Date | null
    created: Now
  }
  repository_version: {
    repository: number
    number: number
    created: Now
    task: number | null
    counts: JsonColumn<Record<string, number>>
    file_bytes: number
    /** Units of it were deleted as orphans: it is not whole any more. */
    pruned: Generated<boolean>
    /** Versions that share it held the same when they were made, in whatever repositories, but for clones of what these own. */
    content: Generated<string>
  }
  membership: {
    repository: number
    unit: number
    /** The unit's wire id: one revision of a key at a time. */
    identity: string
    /** Hash of the fields of `ContentType.uniqueIn`; the identity where there are none. */
    name: string
    type: number
    added_in: number
    removed_in: number | null
    created: Now
    updated: Now
  }
  importer: {
    id: Generated<number>
    repository: number
    type: string
    config: JsonColumn<JsonObject>
    scratchpad: ColumnType<Json, string | null | undefined, string | null>
    created: Now
    last_updated: Now
    last_sync: Date | null
    remembered: ColumnType<Json, string | null | undefined, string | null>
    remembered_version: number | null
  }
  distributor: {
    id: Generated<number>
    repository: number
    name: string
    type: string
    config: JsonColumn<JsonObject>
    auto_publish: boolean
    scratchpad: JsonColumnWithDefault<Json>
    created: Now
    last_updated: Now
    last_publish: Date | null
  }
  repository_group: {
    id: Generated<number>
    name: string
    display_name: string | null
    description: string | null
    notes: JsonColumn<JsonObject>
    scratchpad: ColumnType<Json, string | null | undefined, string | null>
    created: Now
  }
  repository_group_member: { repository_group: number; repository: number }
  group_distributor: {
    id: Generated<number>
    repository_group: number
    name: string
    type: string
    config: JsonColumn<JsonObject>
    scratchpad: ColumnType<Json, string | null | undefined, string | null>
    created: Now
    last_publish: Date | null
  }
  /** Of an importer, of a distributor or of a consumer. */
  schedule: {
    id: Generated<number>
    importer: number | null
    distributor: number | null
    consumer: number | null
    /** What the consumer's agent is to do with units. */
    consumer_action: ContentAction | null
    interval_text: string
    overrides: JsonColumn<JsonObject>
    enabled: boolean
    failure_threshold: number | null
    consecutive_failures: Generated<number>
    first_run: Date
    remaining_runs: number | null
    total_runs: Generated<number>
    last_run: Date | null
    due: Date | null
    created: Now
    last_updated: Now
  }
  upload_request: { id: Generated<string>; created: Now; touched: Now }
}
