import type { Digest } from './digest.ts'
import type { Fence } from './task.ts'
import type { UpstreamSettings } from './upstream.ts'

/**
 * An alternate place that files may come from, whatever repository they are for; declared by the operator in a file of the folder
 * `content.sources` (pulp2-api §9.4).
 */
export interface ContentSource {
  readonly id: string
  /** Others are shown, and neither read nor used. */
  readonly enabled: boolean
  /** Lower is tried first; all before the upstream that a repository names. */
  readonly priority: number
  /** Of a cataloger. */
  readonly type: string
  /** What its catalog is read from; absolute URLs that end in a slash. */
  readonly baseUrls: readonly string[]
  /** After so many seconds its catalog is not used any more. */
  readonly expiresSeconds: number
  readonly upstream: UpstreamSettings
  /** The strings of the file, secrets included. */
  readonly entries: Readonly<Record<string, string>>
}

/** The sources that are declared and make sense; others are logged. */
export interface ContentSources {
  /** By priority, then by id. */
  list(): Promise<readonly ContentSource[]>
}

/** Bytes that a source has. */
export interface CatalogEntry {
  readonly digest: Digest
  /** Bytes, if the source says so. */
  readonly size?: number
  readonly url: string
}

/** The next catalog of a source, seen by nobody until `finish`. */
export interface CatalogDraft {
  add(entries: readonly CatalogEntry[]): Promise<void>
  /** Takes the place of the one that is there, unless a later one does already. Returns how many entries it has. */
  finish(): Promise<number>
}

/** What sources have, as of when they were last read. */
export interface ContentCatalog {
  begin(sourceId: string, fence: Fence): Promise<CatalogDraft>
  /** Entries with one of these digests in catalogs of these sources that have not expired. */
  find(
    digests: readonly Digest[],
    sources: readonly Pick<ContentSource, 'id' | 'expiresSeconds'>[],
  ): Promise<readonly (CatalogEntry & { readonly sourceId: string })[]>
  /** Forgets the catalog of a source. Returns how many entries it had; 0 for none. */
  clear(sourceId: string): Promise<number>
  /**
   * Takes the right to have the catalog of a source read anew, if that is due: it is older than `ageSeconds`, or there is none, and
   * nobody has taken the right for `pauseSeconds`.
   */
  takeTurn(sourceId: string, ageSeconds: number, pauseSeconds: number): Promise<boolean>
}
