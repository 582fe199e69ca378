import type { Json, JsonObject } from './json.ts'

/** Where a part of a run stands. Plugins print it in their own spelling. */
export type PartState = 'not-started' | 'in-progress' | 'finished' | 'failed' | 'skipped' | 'cancelled'

/** One thing that went wrong without ending the run. */
export interface Problem {
  readonly stage: 'metadata' | 'file' | 'verify'
  readonly type: string
  readonly key: JsonObject
  /** What a person calls it: a file name. */
  readonly name: string
  readonly reason: string
  /** Machine-readable: `checksum_mismatch`, `size_mismatch`, `http_status` … */
  readonly code: string
  readonly url?: string
  readonly data?: JsonObject
}

/** Files of units of one type that have to be fetched in a run. */
export interface FetchCounts {
  readonly files: { readonly total: number; readonly done: number; readonly failed: number }
  readonly bytes: { readonly total: number; readonly done: number }
}

/** Everything a sync can tell of itself; a plugin's `describe` turns it into the report its clients index. */
export interface SyncProgress {
  readonly state: 'running' | 'finished' | 'failed' | 'cancelled'
  /** Named by the importer: `metadata`, `content` … */
  readonly parts: Readonly<
    Record<string, { state: PartState; error?: string; entered: Readonly<Partial<Record<PartState, Date>>> }>
  >
  /** Units per type: announced by the importer (or seen so far, if more) and dealt with. */
  readonly units: Readonly<Record<string, { readonly total: number; readonly done: number }>>
  /** Only files that have to be fetched in this run. `done` includes the failed ones. */
  readonly files: { readonly total: number; readonly done: number; readonly failed: number }
  readonly bytes: { readonly total: number; readonly done: number }
  /** Both for each type of units that has files to be fetched. */
  readonly fetches?: Readonly<Record<string, FetchCounts>>
  readonly problems: readonly Problem[]
  /** Why the whole run failed. */
  readonly error?: string
}

export interface SyncDescription {
  /** Printed in the task report under the importer's type id. */
  readonly report: JsonObject
  /** Of the history entry; whatever the plugin's clients expect, a text too. */
  readonly summary: Json
  readonly details: Json
}
