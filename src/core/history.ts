import type { ErrorReport } from './errors.ts'
import type { Json } from './json.ts'
import type { Fence } from './task.ts'

export interface SyncHistoryEntry {
  readonly key: number
  readonly repositoryId: string
  readonly importerType: string
  readonly started: Date
  readonly completed: Date
  readonly result: 'success' | 'failed' | 'error' | 'canceled'
  /** Counts are null on `error`. */
  readonly added: number | null
  readonly updated: number | null
  readonly removed: number | null
  readonly summary: Json
  readonly details: Json
  readonly error: ErrorReport | null
}

export interface PublishHistoryEntry {
  readonly key: number
  readonly repositoryId: string
  readonly distributorId: string
  readonly distributorType: string
  readonly started: Date
  readonly completed: Date
  /** `skipped`: nothing had changed, nothing was done. */
  readonly result: 'success' | 'failed' | 'error' | 'skipped'
  readonly summary: Json
  readonly details: Json
  readonly error: ErrorReport | null
}

export interface HistoryFilter {
  readonly limit?: number
  readonly sort: 'ascending' | 'descending'
  /** Inclusive, compared with `started`. */
  readonly from?: Date
  readonly to?: Date
}

/**
 * A task has one entry, however often it ran: that of its success, else that of its last run. A fence that does not hold throws
 * kind `cancelled`. Listeners of events hear of an entry, unless it is of an error, when it is written.
 */
export interface HistoryStore {
  /** Stamps the importer's last sync too, whatever the result was (pulp2-api §3.7). */
  addSync(entry: Omit<SyncHistoryEntry, 'key'>, fence: Fence): Promise<SyncHistoryEntry>
  addPublish(entry: Omit<PublishHistoryEntry, 'key'>, fence: Fence): Promise<PublishHistoryEntry>
  syncs(repositoryId: string, filter: HistoryFilter): Promise<readonly SyncHistoryEntry[]>
  publishes(repositoryId: string, distributorId: string, filter: HistoryFilter): Promise<readonly PublishHistoryEntry[]>
}
