import type { Generated } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { LifeState } from '../../core/life-cycle.ts'
import type { ResourceType } from '../../core/resource.ts'
import type { LayerProgress, PullPhase, RolloutOrder } from '../../core/rollout.ts'
import type { JsonColumn, JsonColumnWithDefault, Now } from './column-types.ts'

/** What the Rancher API manages, and the hosts that do it. */
export interface RolloutTables {
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
