import type { JsonObject } from './json.ts'
import type { RepositoryVersion } from './repository-version.ts'

/** A version with what has been made of it. */
export interface DescribedVersion extends RepositoryVersion {
  /** The repository shows this one. */
  readonly latest: boolean
  /** Live and superseded ones, oldest first. */
  readonly publications: readonly VersionPublication[]
}

/** When a version was readable through a distributor, and where. */
export interface VersionPublication {
  readonly distributorId: string
  /** `/pulp/repos/zoo`. */
  readonly basePath: string
  /** To the millisecond, as `?at` compares. */
  readonly liveFrom: Date
  readonly supersededAt: Date | null
}

/** What is different of one key between two versions; `changed` where they hold different revisions of it. */
export interface UnitChange {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly type: string
  readonly wireId: string
  /** Of the revision that is there, or was last. */
  readonly metadata: JsonObject
}

/** Reads the versions of repositories. All throw kind `not-found` for what is not there. */
export interface VersionHistory {
  /** Newest first. Version 0, in which nothing is, is in no list. */
  list(repositoryId: string): Promise<readonly DescribedVersion[]>
  get(repositoryId: string, number: number): Promise<DescribedVersion>
  /**
   * What was done to version `from` to make version `to`, in no promised order, in bounded memory; costs the difference. Throws kind
   * `conflict` before the first for a pruned version: what it held is not known any more.
   */
  changes(repositoryId: string, from: number, to: number): AsyncIterable<UnitChange>
}
