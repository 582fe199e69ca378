import type { ByteRange } from './blob-store.ts'
import type { UnitDocuments } from './content-type.ts'
import type { Json, JsonObject } from './json.ts'
import type { Log } from './log.ts'
import type { DiscoveredUnit } from './unit.ts'

/** The bytes of an upload request, as they are now. */
export interface UploadedFile {
  /** Bytes up to the end of the last chunk; what nobody wrote before it reads as zeros. A request that nobody wrote to has 0. */
  readonly size: number
  /** From the disk, once more at each call. */
  read(range?: ByteRange): AsyncIterable<Uint8Array>
}

/**
 * Upload requests and their bytes (pulp2-api §9.3), shared by all processes. What `write` was acknowledged for survives a crash.
 * Methods that name a request that is not there throw kind `not-found` with `upload_request` in `resources`.
 */
export interface UploadStore {
  /** Returns its UUID. */
  create(): Promise<string>
  /** Oldest first. */
  list(): Promise<readonly string[]>
  /**
   * Writes at an offset in bytes; the same chunk twice is the same as once, and chunks may come in any order. `announced` bytes
   * are refused at once when there is no place for them. Throws kind `invalid` beyond the greatest size, `noSpace` on a full disk;
   * what came until then may have been written.
   */
  write(id: string, offset: number, body: AsyncIterable<Uint8Array>, announced?: number): Promise<void>
  open(id: string): Promise<UploadedFile>
  /** Of an unknown one, nothing (pulp2-api §9.3). */
  delete(id: string): Promise<void>
}

/** Whether a text may be the id of a request: a UUID as it is printed. Another spelling of one is another name. */
export function isUploadId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
}

/** Which upload requests there are, without their bytes. An id that `isUploadId` refuses is of none. */
export interface UploadRequests {
  create(): Promise<string>
  list(): Promise<readonly string[]>
  /** Says that somebody works on it; false when it is not there. */
  touch(id: string): Promise<boolean>
  delete(id: string): Promise<void>
  /** Those of `ids` that are there. */
  present(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Deletes what nobody wrote to for so long, unless an import that has not ended names it. Returns the ids, at most `limit`. */
  deleteIdle(idleSeconds: number, limit: number): Promise<readonly string[]>
}

/** A unit as the repository holds it. */
export interface KnownUnit {
  readonly metadata: JsonObject
  /** All that its type has. */
  readonly documents: UnitDocuments
}

/** A unit as the repository holds it, in short. */
export interface RepositoryMember {
  readonly id: number
  readonly metadata: JsonObject
}

/** What an importer is given to make units of. */
export interface UploadRun<Config> {
  readonly repository: { readonly id: string }
  readonly config: Config
  readonly type: string
  /** As the client sent them: nothing is checked. */
  readonly key: JsonObject
  readonly metadata: JsonObject
  readonly file: UploadedFile
  /** What the repository holds now under a type and key, for merging. */
  known(type: string, key: JsonObject): Promise<KnownUnit | undefined>
  readonly signal: AbortSignal
  readonly log: Log
}

/** What an upload comes to: all of them go in, or none. A unit's file that was uploaded has `run.file.read()` as its `content`. */
export interface UploadedUnits {
  readonly units: readonly DiscoveredUnit[]
  /** They are stored and the repository stays as it is. */
  readonly unlinked?: boolean
}

/** How the result of the task is told to the plugin's clients (pulp2-types §5.5, §7). */
export interface UploadDescription {
  readonly success_flag: boolean
  readonly summary: Json
  readonly details: Json
}
