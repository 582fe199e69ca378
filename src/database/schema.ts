import type { ColumnType, Generated } from 'kysely'
import type { ConsumerEventType, ContentAction } from '../core/consumer.ts'
import type { ErrorReport } from '../core/errors.ts'
import type { EventType } from '../core/event.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { LifeState } from '../core/life-cycle.ts'
import type { ResourceType } from '../core/resource.ts'
import type { LayerProgress, PullPhase, RolloutOrder } from '../core/rollout.ts'
import type { SegmentIndex } from '../core/segment.ts'
import type { TaskState } from '../core/task.ts'

/**
 * Tables as kysely sees them; made by `migrations/`. JSON columns are written as text (`jsonb` below): the driver would turn an
 * array into a PostgreSQL array.
 */
type JsonColumn<Value> = ColumnType<Value, string, string>
type JsonColumnWithDefault<Value> = ColumnType<Value, string | undefined, string>
type Now = ColumnType<Date, Date | undefined, Date>

/** The text of a JSON column. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value)
}

export interface Schema {
  content_type: { id: Generated<number>; name: string }
  unit_pack: { id: number; document: string; body: Buffer }
  unit: {
    id: Generated<number>
    type: number
    key_hash: Buffer
    revision: Buffer
    wire_id: string
    metadata: JsonColumn<JsonObject>
    /** Of its files together, as far as sizes are known. */
    file_bytes: number
    pack: number | null
    slot: number | null
    updated: Now
  }
  /** What users wrote on units; belongs to the key and survives revisions. */
  unit_user_metadata: { wire_id: string; value: JsonColumn<Json> }
  blob: {
    sha256: Buffer
    size: number
    /** Null while it is being written, and from the moment on in which it is being deleted: then it is not stored. */
    stored_at: Date | null
    /** Until then somebody is about to write it and to refer to it. */
    reserved_until: Date | null
    /** When nothing referred to it any more. */
    condemned_at: Date | null
  }
  file: { id: Generated<number>; sha256: Buffer | null; size: number | null }
  file_checksum: { algorithm: string; value: Buffer; file: number }
  file_source: { file: number; importer: number; url: string; rank: number }
  unit_file: { unit: number; path: string; file: number }
  /** Who fetches a file that is not stored, until when that holds, and where its bytes are staged. */
  fetch_lease: { file: number; holder: string; handle: string | null; until: Date }
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
  /** A content source that somebody has looked at, and which of its catalogs is the one to look into. */
  content_source: { name: string; generation: number | null; refreshed: Date | null; taken: Date | null }
  content_catalog: {
    source: string
    generation: number
    algorithm: string
    value: Buffer
    size: number | null
    url: string
  }
  event_listener: {
    id: Generated<number>
    notifier_type: string
    config: JsonColumn<JsonObject>
    event_types: string[]
    created: Now
  }
  /** The oldest of each listener may be claimed when it is due; a claim moves that on. */
  event_delivery: {
    id: Generated<number>
    listener: number
    type: EventType
    payload: JsonColumn<JsonObject>
    task_id: string | null
    created: Now
    attempt: Generated<number>
    due: Now
  }
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
  /** Of a repository by a distributor of it; or of a group, which has neither repository nor version, by one of the group. */
  publication: {
    id: Generated<number>
    distributor: number | null
    group_distributor: number | null
    distributor_type: string
    repository: number | null
    version: number
    layout: string
    config: JsonColumn<JsonObject>
    base_path: string
    task: number | null
    created: Now
    /** What its generated files say of when they were made, if they are those of another publication. */
    dated: Date | null
    live_from: Date | null
    superseded_at: Date | null
  }
  live_publication: {
    base_path: string
    distributor: number | null
    group_distributor: number | null
    publication: number
  }
  generated_file: {
    publication: number
    path: string
    size: number
    sha256: Buffer
    media_type: string
    parts: Buffer
  }
  /** Which blobs the generated files of a publication are made of. */
  /** Of files that are made of segments (`core/segment.ts`). */
  publication_segments: { publication: number; set: string; index: JsonColumn<SegmentIndex> }
  generated_blob: { sha256: Buffer; publication: number }
  task: {
    id: Generated<number>
    task_id: string
    operation: string
    arguments: JsonColumn<JsonObject>
    tags: string[]
    resources: Generated<string[]>
    state: TaskState
    ready: Generated<boolean>
    attempt: Generated<number>
    /** How many workers died with it. */
    deaths: Generated<number>
    /** Which run of the database server it was claimed under: when that began. */
    server_started: Date | null
    worker: string | null
    /** Registration under which it was claimed; the claim lives as long as that. */
    worker_session: number | null
    created: Now
    started: Date | null
    finished: Date | null
    cancel_requested: Generated<boolean>
    /** Why nobody may run it now although it is at the head of its queues. */
    waiting_reason: string | null
    /** Given back with that reason, nobody runs it or another of its operation before. */
    held_until: Date | null
    parent: number | null
    /** The schedule that queued it; it may be gone. */
    schedule: number | null
    group_id: string | null
    /** Id of the consumer whose agent does it: no worker does. */
    agent: string | null
    /** When that agent last said something of it. */
    heard: Date | null
    result: ColumnType<Json, string | null | undefined, string | null>
    error: ColumnType<ErrorReport | null, string | null | undefined, string | null>
  }
  /** The queues: a row until its task ends. */
  task_resource: { resource: string; task: number }
  task_progress: { task: number; report: JsonColumn<JsonObject> }
  worker: { session: number; name: string; started: Now; heartbeat: Now }
  sync_history: {
    id: Generated<number>
    repository: number
    /** A task has one entry. */
    task: number | null
    importer_type: string
    started: Date
    completed: Date
    result: 'success' | 'failed' | 'error' | 'canceled'
    added: number | null
    updated: number | null
    removed: number | null
    summary: ColumnType<Json, string | null, string | null>
    details: ColumnType<Json, string | null, string | null>
    error: ColumnType<ErrorReport | null, string | null, string | null>
  }
  publish_history: {
    id: Generated<number>
    repository: number
    /** A task has one entry. */
    task: number | null
    distributor: string
    distributor_type: string
    started: Date
    completed: Date
    result: 'success' | 'failed' | 'error' | 'skipped'
    summary: ColumnType<Json, string | null, string | null>
    details: ColumnType<Json, string | null, string | null>
    error: ColumnType<ErrorReport | null, string | null, string | null>
  }
  /** Facts about this server as a whole. */
  server_state: { name: string; value: JsonColumn<Json> }
  upload_request: { id: Generated<string>; created: Now; touched: Now }
  account: { id: Generated<number>; login: string; name: string; password_hash: string | null; created: Now }
  role: { id: Generated<number>; name: string; display_name: string; description: string | null; created: Now }
  account_role: { account: number; role: number }
  /** Something that somebody was allowed to use. */
  permission: { id: Generated<number>; resource: string; created: Now }
  /** Everything that an account may do, that which its roles give included. Operations are bits (`users/operation-bits.ts`). */
  account_grant: { account: number; permission: number; operations: number }
  role_grant: { role: number; resource: string; operations: number }
  access_token: { sha256: Buffer; account: number; name: string; created: Now }
  /** What the Rancher API manages (`core/resource.ts`). */
  resource: {
    id: Generated<number>
    type: ResourceType
    owner: number | null
    name: string | null
    description: string | null
    state: LifeState
    uuid: Generated<string>
    created: Now
    removed: Date | null
    remove_time: Date | null
    identity: string | null
    message: string | null
    progress: number | null
    failed: Generated<boolean>
    data: JsonColumn<JsonObject>
    /** Its last change. */
    touched: Now
  }
  /** What pull tasks do (`core/rollout.ts`). */
  rollout: {
    task: number
    project: number
    image: string
    mode: RolloutOrder['mode']
    pull_policy: RolloutOrder['pullPolicy']
    parallelism: number | null
    timeout_seconds: number | null
    retries: number
    /** The highest that was told. */
    percent: Generated<number>
    ended: Generated<boolean>
    settled: Generated<boolean>
  }
  host_pull: {
    id: Generated<number>
    task: number
    host: number
    host_name: string
    phase: Generated<PullPhase>
    attempt: Generated<number>
    /** Attempts that the host has reported as failed; the others were lost. */
    failures: Generated<number>
    bytes: number | null
    total_bytes: number | null
    layers: JsonColumnWithDefault<readonly LayerProgress[]>
    digest: string | null
    error: string | null
    /** Since when it waits. */
    queued: Now
    /** Of the first attempt. */
    started: Date | null
    reported: Date | null
    ended: Date | null
  }
  /** Who has the connection of a host, or had it last. */
  host_session: { host: number; process: string; since: Now; ended: Date | null }
  /** Processes that hosts connect to. */
  host_hub: { process: string; started: Now; heartbeat: Now }
  host_image: { host: number; name: string }
}
