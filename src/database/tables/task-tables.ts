import type { ColumnType, Generated } from 'kysely'
import type { ErrorReport } from '../../core/errors.ts'
import type { EventType } from '../../core/event.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { TaskState } from '../../core/task.ts'
import type { JsonColumn, Now } from './column-types.ts'

/** Tasks, who does them, what became of them, and who is told. */
export interface TaskTables {
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
  /** Facts about this server as a whole. */
  server_state: { name: string; value: JsonColumn<Json> }
}
