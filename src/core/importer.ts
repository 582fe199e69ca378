import type { AttachHooks } from './attached.ts'
import { type ConfigShape, withoutNulls } from './config-shape.ts'
import type { Copier } from './copier.ts'
import type { Json, JsonObject } from './json.ts'
import type { Log } from './log.ts'
import type { Scratch } from './scratch.ts'
import type { PartState, Problem, SyncDescription, SyncProgress } from './sync-progress.ts'
import type { FoundUnit } from './unit.ts'
import type { KnownUnit, RepositoryMember, UploadDescription, UploadedUnits, UploadRun } from './upload.ts'
import type { DocumentRequest, FetchedDocument, UpstreamSettings } from './upstream.ts'

/** What an importer tells the core, in the order it finds it. The core looks up, downloads, stores and associates. */
export type SyncEvent =
  /** A batch, any size; files with sources and digests, documents along. */
  | { readonly units: readonly FoundUnit[] }
  /** Types that were listed whole: only these may lose units that upstream no longer has. */
  | { readonly complete: readonly string[] }
  /**
   * Types of which a repository has only what upstream has, whatever the policy says of what is missing there; left alone where there
   * was a problem with one.
   */
  | { readonly only: readonly string[] }
  /** These go whatever the policy says of what is missing. */
  | { readonly displaced: readonly DisplacedUnit[] }
  /** Kept for the next run, in the transaction that commits the version, if there was no problem. */
  | { readonly remember: Json }
  /** Something is bad and was left out. If its key is in the repository, that unit stays. */
  | { readonly problem: Problem }

/** A unit of the repository, as `members` tells it, that makes room for others of the run. */
export interface DisplacedUnit {
  readonly id: number
  readonly type: string
  /** Members of the keys of what it makes room for: it stays where there was a problem with one of those. */
  readonly by: JsonObject
}

export interface SyncRun<Config> {
  readonly repository: { readonly id: string }
  readonly config: Config
  /** What this importer remembered, if nothing else has changed the repository since. */
  readonly remembered: Json | undefined
  /** What this importer last kept for the repository; null at first. Clients see it. */
  readonly scratchpad: Json
  readonly signal: AbortSignal
  readonly log: Log
  /** Fetches a metadata file into a temporary file, verified. */
  fetch(request: DocumentRequest): Promise<FetchedDocument>
  scratch(): Promise<Scratch>
  /** The units of a type that the repository holds now, for merging. */
  held(type: string): AsyncIterable<KnownUnit>
  /** The same without their documents, to see what may go. */
  members(type: string): AsyncIterable<RepositoryMember>
  /** Puts a value into the scratchpad when the run comes to a version, whatever problems it had. */
  keep(scratchpad: Json): void
  /** Enters a part of the run in the report. */
  part(name: string, state: PartState, error?: string): void
  /** Announces how many units of a type upstream lists. */
  expect(type: string, units: number): void
}

/**
 * Reads one kind of upstream. Values in, values out: an importer never sees a store. `sync` throws to fail the run
 * (nothing of it becomes visible) and yields `problem` for what only concerns one unit. It must stop when `signal` aborts.
 */
export interface Importer<Config = unknown> extends AttachHooks<Config> {
  /** As on the wire: `yum_importer`. */
  readonly id: string
  readonly displayName: string
  readonly contentTypes: readonly string[]
  readonly config: ConfigShape<Config>
  /** How to speak to the upstream of this config. */
  upstream(config: Config): UpstreamSettings
  /** The keys of the config that the core itself acts on. */
  policy(config: Config): SyncPolicy
  sync(run: SyncRun<Config>): AsyncIterable<SyncEvent>
  describe(progress: SyncProgress): SyncDescription
  /**
   * Makes units of what a client uploaded; throws kind `invalid` when it is no good, with the plugin's own published code
   * (`RPM1002`) if it has one, else it is told as PLP0047. Runs again after a worker's death.
   */
  upload?(run: UploadRun<Config>): Promise<UploadedUnits>
  /** How the result of an upload is told; `{ success_flag: true, summary: '', details: {} }` when absent (pulp2-types §5.5, §7). */
  describeUpload?(outcome: { readonly error?: string }): UploadDescription
  /** Copies take just what is selected when absent. */
  readonly copier?: Copier
  /** Whether units that could not be fetched make the whole run a failure (iso: yes, pulp2-types §7; yum: no, §5.4). */
  readonly failedFilesFailTheRun: boolean
}

export interface SyncPolicy {
  /** Take out units that upstream no longer lists. */
  readonly removeMissing: boolean
  readonly download: 'immediate' | 'background' | 'on_demand'
}

/** A config as it is after the overrides of one call: override > stored (pulp2-api §6.2). Null means unset. */
export function effectiveConfig(stored: JsonObject, override: JsonObject = {}): JsonObject {
  return withoutNulls({ ...stored, ...override })
}
