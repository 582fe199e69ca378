import type { UnitDocuments } from './content-type.ts'
import type { Measured } from './digest.ts'
import type { Json } from './json.ts'
import type { Scratch } from './scratch.ts'
import type { Fence } from './task.ts'
import type { FoundUnit, Unit } from './unit.ts'

/** A numbered state of a repository's content that never changes. Counts are stored with it, never counted. */
export interface RepositoryVersion {
  readonly number: number
  readonly created: Date
  readonly counts: Readonly<Record<string, number>>
  readonly fileBytes: number
  /** Units of it were deleted as orphans: it can neither be published nor restored. */
  readonly pruned: boolean
}

/** A file that a unit needs and that is not stored yet. */
export interface MissingFile {
  /** Index of the file in the unit's list. */
  readonly index: number
}

/** What the catalog knows of a discovered unit. */
export interface ExaminedUnit {
  readonly unit: FoundUnit
  /** Files without stored bytes, in the unit's order; empty when nothing has to be fetched. */
  readonly missing: readonly MissingFile[]
  /** Path of a file → its stored bytes, as far as its digests tell. */
  readonly stored?: ReadonlyMap<string, Measured>
}

/** A unit that is ready to be associated: for each file that was missing and is needed now, the blob that was committed. */
export interface ReadyUnit {
  readonly unit: FoundUnit
  /** Index of file → its measured bytes. Files left out stay to be fetched later. */
  readonly fetched: ReadonlyMap<number, { sha256: string; size: number }>
}

export interface VersionCommit {
  readonly version: RepositoryVersion
  /** Units that were not in the version before, that replaced another revision of their key, that are gone. */
  readonly added: number
  readonly updated: number
  readonly removed: number
}

/**
 * The next version of one repository while it is being made. Nothing of it is visible before `commit`; a run that died leaves
 * rows that the next `open` sweeps. Every transaction asserts the fence: a task that lost its claim changes nothing.
 */
export interface VersionDraft {
  /** The latest version when the draft was opened. */
  readonly base: RepositoryVersion
  examine(units: readonly FoundUnit[]): Promise<readonly ExaminedUnit[]>
  /**
   * Stores units as needed and puts them in; one transaction. A unit that is there already costs a look-up. Returns the units
   * that were not put in because stored bytes that they were to share have been deleted meanwhile: examine and fetch them again.
   */
  add(units: readonly ReadyUnit[]): Promise<readonly FoundUnit[]>
  /** Says that these units exist upstream although they could not be taken: what the repository holds of their keys stays. */
  keep(units: readonly Pick<FoundUnit, 'type' | 'key'>[]): void
  /**
   * Puts in revisions that the catalog has, by row id, as a copy does: one that is there is associated anew (`updated`), another
   * revision of its key is replaced. Rows that are gone are returned and left out.
   */
  take(unitIds: readonly number[]): Promise<readonly number[]>
  /** Takes out units by row id; one that is not in is left as it is. */
  drop(unitIds: readonly number[]): Promise<void>
  /** Takes out the units of these types that this draft neither added nor kept. */
  removeMissing(types: readonly string[]): Promise<void>
  /**
   * Makes the version visible, together with what the importer wants remembered, in one transaction. Without any difference
   * there is no new version: `version` is `base` then, and `remember` is stored all the same, as is the importer's `scratchpad`.
   */
  commit(remember?: Json, scratchpad?: Json): Promise<VersionCommit>
  /** Drops the draft. */
  abandon(): Promise<void>
}

/** A unit with its bulk texts, if they were asked for. */
export interface UnitWithDocuments {
  readonly unit: Unit
  readonly documents: UnitDocuments
  readonly files: readonly StoredUnitFile[]
}

/** A file of a unit in the catalog. */
export interface StoredUnitFile {
  readonly path: string
  readonly size: number | null
  /** Null until it was fetched, if upstream did not say. */
  readonly sha256: string | null
}

export interface UnitQuery {
  readonly repositoryId: string
  /** Version number. */
  readonly version: number
  readonly types: readonly string[]
  /** Metadata fields to sort by, bytewise, before the unit's id; by id alone when empty. */
  readonly order?: readonly string[]
  /** The members of metadata that are wanted; all when absent. */
  readonly fields?: readonly string[]
  /**
   * Only units that came after that earlier version, or only those of it that have gone. One that went and came again is both. The
   * version must be one that a publication holds: of others the difference may have been forgotten.
   */
  readonly differsFrom?: { readonly version: number; readonly by: 'added' | 'removed' }
  /** Only units that came to the repository in this span of time, its ends included. */
  readonly associated?: { readonly from?: Date; readonly until?: Date }
  /** Documents to bring along. */
  readonly documents?: readonly string[]
  /** Makes a temporary file, for documents that lie in quite another order: with it each of their packs is opened once. */
  readonly scratch?: () => Promise<Scratch>
  readonly files?: boolean
}

/** A version of a repository. */
export interface VersionName {
  readonly repositoryId: string
  readonly version: number
}

export interface VersionStore {
  /** Sweeps what a dead run left, then starts the next version. Only the one task that reserved the repository may call it. */
  open(repositoryId: string, fence: Fence): Promise<VersionDraft>
  /** Commits drafts of one task, each of another repository, in one transaction: all versions become visible or none. */
  commitTogether(drafts: readonly VersionDraft[], fence: Fence): Promise<readonly VersionCommit[]>
  /**
   * Makes a version with the content of another one, of this repository or another, and commits it, in one transaction; costs the
   * difference. Sweeps like `open`. Throws kind `conflict` for a pruned one, `not-found` for none.
   */
  takeOver(repositoryId: string, source: VersionName, fence: Fence): Promise<VersionCommit>
  get(repositoryId: string, number: number): Promise<RepositoryVersion>
  /** Throws kind `not-found` for a repository that is not there. */
  latest(repositoryId: string): Promise<RepositoryVersion>
  /** Streams units with bounded memory. */
  units(query: UnitQuery): AsyncIterable<UnitWithDocuments>
  /**
   * What the importer remembered with its last commit; undefined when it never did or when the repository's content was
   * changed by anything else since.
   */
  remembered(repositoryId: string): Promise<Json | undefined>
}
