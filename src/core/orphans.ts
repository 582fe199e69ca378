import type { JsonObject } from './json.ts'
import type { Fence } from './task.ts'

/** A unit that the latest version of no repository holds. */
export interface Orphan {
  readonly type: string
  /** The `_id` of the wire. */
  readonly wireId: string
  readonly metadata: JsonObject
}

/** Which orphans: all, those of a type, or single ones of it by their wire ids. */
export interface OrphanScope {
  readonly type?: string
  readonly wireIds?: readonly string[]
}

/** Deleted units per content type; types without any are left out. */
export type DeletedOrphans = Readonly<Record<string, number>>

/**
 * Units in the latest version of no repository. What a version in the making adds, or has not yet taken out, is none. A key counts
 * as an orphan when no revision of it is held; deletion takes revisions that are not held as well.
 */
export interface Orphans {
  /** Per content type that has any. */
  count(): Promise<Readonly<Record<string, number>>>
  list(type: string): AsyncIterable<Orphan>
  has(type: string, wireId: string): Promise<boolean>
  /**
   * Deletes orphans but for those that a publication needs which is live, in grace or being made. Older versions that held them
   * are marked as pruned. In batches; what others hold at the moment stays for another time.
   */
  delete(scope: OrphanScope, fence: Fence, signal: AbortSignal): Promise<DeletedOrphans>
}
