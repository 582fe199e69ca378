import type { JsonObject } from './json.ts'
import type { Rope } from './rope.ts'
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
}

export interface NewGeneratedFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
  readonly mediaType: string
  readonly rope: Rope
}

/** A publication while it is being made; invisible until `activate`. */
export interface PublicationDraft {
  /** Rows of files whose blobs are committed. */
  addFiles(files: readonly NewGeneratedFile[]): Promise<void>
  /** Paths of unit files of the version that more than one distinct file claims; empty when the layout is sound. */
  conflictingPaths(limit: number): Promise<readonly string[]>
  /** Seals it and moves the live pointer of its base path, in one transaction that also stamps the distributor's last publish. */
  activate(): Promise<Publication>
  abandon(): Promise<void>
}

export interface PublicationStore {
  begin(publication: NewPublication, fence: Fence): Promise<PublicationDraft>
  /** The live one of a distributor. */
  live(distributorKey: number): Promise<(Publication & { readonly basePath: string }) | undefined>
}

/** What is served below a base path: the live publication first, then superseded ones within grace, newest first. */
export interface PublishedPath {
  /** `/pulp/repos/zoo`. */
  readonly basePath: string
  readonly publications: readonly {
    readonly id: number
    readonly repositoryKey: number
    readonly version: number
    readonly distributorType: string
    readonly layout: string
    readonly liveFrom: Date
  }[]
}

/** A file as it is served. */
export interface PublishedFile {
  readonly size: number
  readonly sha256: string
  readonly mediaType: string | null
  readonly rope: Rope
  readonly lastModified: Date
}

/** Looks up what stands at a path. Reads only; safe from any process. */
export interface PublishedContent {
  /** Every base path that serves something now. */
  basePaths(): Promise<readonly PublishedPath[]>
  /** One base path again, after it was switched or before a miss is believed. */
  basePath(path: string): Promise<PublishedPath | undefined>
  /**
   * The file at `path` of a publication; `unitFile` is what its layout makes of the path. A unit file that is known but not
   * stored is `missing`.
   */
  find(
    publication: PublishedPath['publications'][number],
    path: string,
    unitFile: string | undefined,
  ): Promise<PublishedFile | 'missing' | undefined>
  /** Paths of generated files below `folder`, and of unit files that begin with `unitPrefix` (none when undefined). */
  list(
    publication: PublishedPath['publications'][number],
    folder: string,
    unitPrefix: string | undefined,
  ): Promise<{ readonly generated: readonly string[]; readonly unitFiles: AsyncIterable<string> }>
  /** Calls back with the base path whenever one was switched or taken down, and with undefined when switches may have been missed. */
  watch(onSwitch: (basePath: string | undefined) => void): Promise<{ close(): Promise<void> }>
}
