import type { Json, JsonObject } from './json.ts'
import type { Rope } from './rope.ts'
import type { SegmentIndex } from './segment.ts'
import type { Fence } from './task.ts'

/** A sealed, immutable view of a repository version, served below a base path while it is live or in grace. */
export interface Publication {
  readonly id: number
  readonly repositoryId: string
  readonly distributorKey: number
  readonly version: number
  readonly layout: string
  /** The distributor's effective config, frozen. */
  readonly config: JsonObject
  /** What its generated files say of when they were made: when the version was whose files they are. */
  readonly dated: Date
  readonly liveFrom: Date | null
  readonly supersededAt: Date | null
}

export interface NewPublication {
  readonly repositoryId: string
  readonly distributorKey: number
  readonly distributorType: string
  readonly version: number
  readonly layout: string
  readonly config: JsonObject
  readonly basePath: string
  /** Of the files that it shares with another one; when its version was made if absent. */
  readonly dated?: Date
}

/** What a group of repositories shows: generated files only, made of whatever its repositories held. */
export interface NewGroupPublication extends Pick<NewPublication, 'distributorType' | 'config' | 'basePath'> {
  readonly groupDistributorKey: number
}

export interface NewGeneratedFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
  readonly mediaType: string
  readonly rope: Rope
}

/** What becomes part of a publication, and is kept, in the transaction that makes it live. */
export interface LastOfPublication {
  readonly files?: readonly NewGeneratedFile[]
  readonly scratchpad?: Json | undefined
}

/** A publication while it is being made; invisible until `activate`. */
export interface PublicationDraft {
  /** Rows of files whose parts are reserved and committed. Throws kind `conflict` when a reservation has run out. */
  addFiles(files: readonly NewGeneratedFile[]): Promise<void>
  /** The same for files that segments make up, and keeps what later publications need for taking these over. */
  addSegmented(set: string, index: SegmentIndex, files: readonly NewGeneratedFile[]): Promise<void>
  /**
   * Paths of unit files of the version that more than one distinct file claims; empty when the layout is sound. `since`: an earlier
   * version that is known to be sound.
   */
  conflictingPaths(limit: number, since?: number): Promise<readonly string[]>
  /**
   * Seals it and moves the live pointer of its base path, in one transaction that also stamps the distributor's last publish and
   * stores its scratchpad, if there is a new one, and adds the last files.
   */
  activate(last?: LastOfPublication): Promise<void>
  abandon(): Promise<void>
}

export type GroupPublicationDraft = Pick<PublicationDraft, 'addFiles' | 'activate' | 'abandon'>

export interface PublicationStore {
  /** Throws kind `conflict` for a version that is pruned. */
  begin(publication: NewPublication, fence: Fence): Promise<PublicationDraft>
  /**
   * Makes one live that has the generated files of another publication with their segments, none of their bytes; those that are `made`
   * stand in the place of its own. One transaction. False when the `model` is gone.
   */
  showShared(
    publication: NewPublication,
    model: number,
    made: readonly NewGeneratedFile[],
    fence: Fence,
  ): Promise<boolean>
  /** Generated files of a publication at some paths. */
  files(publication: number, paths: readonly string[]): Promise<readonly NewGeneratedFile[]>
  /** Its `activate` stamps nothing: the store of groups does. */
  beginGroup(publication: NewGroupPublication, fence: Fence): Promise<GroupPublicationDraft>
  /** The live one of a distributor. */
  live(distributorKey: number): Promise<(Publication & { readonly basePath: string }) | undefined>
  /** The segments of a publication, with the files that they make up in the order of the index; undefined when it has none. */
  segments(
    publication: number,
    set: string,
  ): Promise<{ readonly index: SegmentIndex; readonly ropes: readonly Rope[] } | undefined>
  /** Those of any repository, newest first, that show the same content in the same layout by a distributor of the same type. */
  alike(wanted: NewPublication): Promise<readonly Publication[]>
}

/** A publication as serving needs it: sealed, so what it holds at a path may be remembered for as long as it is served. */
export interface ServedPublication {
  readonly id: number
  /** Null for one of a group, which shows no unit files. */
  readonly repositoryKey: number | null
  readonly version: number
  readonly distributorType: string
  readonly layout: string
  readonly liveFrom: Date
}

/** What is served below a base path: the live publication first, then superseded ones within grace, newest first. */
export interface PublishedPath {
  /** `/pulp/repos/zoo`. */
  readonly basePath: string
  readonly publications: readonly ServedPublication[]
}

/** What a base path served at a time that is past. */
export interface FormerPublication extends ServedPublication {
  readonly basePath: string
  /** False when units of its version were deleted as orphans: files of theirs are gone. */
  readonly whole: boolean
}

/** A file as it is served. */
export interface PublishedFile {
  readonly size: number
  readonly sha256: string
  /** Of a generated file; null for a unit's file, whose name has to do. */
  readonly mediaType: string | null
  readonly rope: Rope
  readonly lastModified: Date
}

/** A file of a publication whose bytes are not stored yet. */
export interface DeferredPublishedFile {
  /** Of the file, for `DeferredFileStore`. */
  readonly fileKey: number
  /** Null when upstream did not say. */
  readonly size: number | null
  readonly sha256: string | null
  readonly lastModified: Date
}

/** A publication to look into, and what its layout makes of the path that is looked for. */
export interface FileCandidate {
  readonly publication: ServedPublication
  readonly unitFile: string | undefined
}

/** Looks up what stands at a path. Reads only; safe from any process. */
export interface PublishedContent {
  /** Every base path that serves something now, or those of `among` that do. A base path without a live publication serves nothing. */
  basePaths(among?: readonly string[]): Promise<readonly PublishedPath[]>
  /** The file at `path` of the first candidate that has one. */
  find(candidates: readonly FileCandidate[], path: string): Promise<PublishedFile | DeferredPublishedFile | undefined>
  /** The config that a publication was sealed with, by its key; undefined when it is gone. */
  config(publication: number): Promise<JsonObject | undefined>
  /** Whether a generated file stands below `folder`, or a unit file begins with `unitPrefix` (none when undefined). */
  hasFolder(publication: ServedPublication, folder: string, unitPrefix: string | undefined): Promise<boolean>
  /** Paths of generated files below `folder` (`''` or ending in a slash), and of unit files that begin with `unitPrefix`, each bytewise. */
  list(
    publication: ServedPublication,
    folder: string,
    unitPrefix: string | undefined,
  ): Promise<{ readonly generated: readonly string[]; readonly unitFiles: AsyncIterable<string> }>
  /**
   * What was live at a time, to the millisecond, at the longest of these base paths that served something then. A publication is
   * there for as long as its version is kept; nothing is for a time that has not come.
   */
  formerly(basePaths: readonly string[], at: Date): Promise<FormerPublication | undefined>
  /** Every base path that served something at a time. */
  formerBasePaths(at: Date): Promise<readonly string[]>
  /** The clock, and since when what one of these base paths served is kept; null when nothing is. */
  keptSince(basePaths: readonly string[]): Promise<{ readonly now: Date; readonly since: Date | null }>
  /** Calls back with the base path whenever one was switched or taken down, and with undefined when switches may have been missed. */
  watch(onSwitch: (basePath: string | undefined) => void): Promise<{ close(): void }>
}

export function isDeferred(file: PublishedFile | DeferredPublishedFile): file is DeferredPublishedFile {
  return 'fileKey' in file
}

/**
 * Whether a published name says which bytes it stands for. A unit's name may look like a digest and not be one, so it must be
 * the file's own; distributors are believed.
 */
export function isNamedByDigest(file: PublishedFile, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.startsWith(file.sha256)) return true
  const digest = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?=[-.]|$)/
  return file.mediaType !== null && digest.test(name)
}
