import type { Expected, Measured } from './digest.ts'
import type { JsonObject } from './json.ts'

/** Where a file can be fetched, and the importer whose settings say how. */
export interface FileSource {
  readonly url: string
  readonly importerKey: number
  readonly importerType: string
  /** As stored, secrets included. */
  readonly config: JsonObject
}

/** What it takes to fetch a file of units that is not stored. */
export interface DeferredFile {
  readonly key: number
  readonly expected: Expected
  /** Best first. */
  readonly sources: readonly FileSource[]
}

/** A file of a repository's latest version. */
export interface RepositoryFile {
  readonly key: number
  /** As the unit names it. */
  readonly path: string
  /** Bytes, if known. */
  readonly size: number | null
  /** Null when it is not stored. */
  readonly stored: Measured | null
}

/** Who fetches: we, or another one, who stages the bytes under `handle` (null: not begun yet). */
export type LeaseAnswer =
  | { readonly state: 'taken' }
  | { readonly state: 'held'; readonly handle: string | null }
  | { readonly state: 'stored'; readonly blob: Measured }
  | { readonly state: 'gone' }

/**
 * Files that are known and not stored, and who fetches them: one at a time among all processes, by a lease that holds for 5 s
 * from each renewal by the database's clock. `holder` is a name of one fetch, never used again.
 */
export interface DeferredFileStore {
  /** Undefined when there is no such file any more. */
  get(key: number): Promise<DeferredFile | undefined>
  /**
   * Takes the lease if it is free or has run out. A file is `gone` when no unit has it: also when it turned out to be the same
   * bytes as another one, which is then stored.
   */
  lease(key: number, holder: string): Promise<LeaseAnswer>
  /** False when the lease is lost. */
  renew(key: number, holder: string, handle: string | null): Promise<boolean>
  release(key: number, holder: string): Promise<void>
  /**
   * Records the bytes of the file, reserved and committed, and frees the lease; one transaction. A file whose sha256 was unknown
   * gets it; if another file has it already, the units point to that one from now on.
   */
  complete(key: number, holder: string, blob: Measured): Promise<void>
  /** Forgets that the bytes are stored: they are damaged or lost. Whoever asks for the file then fetches it again. */
  forget(sha256: string): Promise<void>
  /** Files of the latest version, each once, in bounded memory. */
  ofRepository(repositoryId: string, which: 'missing' | 'all'): AsyncIterable<RepositoryFile>
  /** Whether the latest version has a file that is not stored. */
  hasMissing(repositoryId: string): Promise<boolean>
}
