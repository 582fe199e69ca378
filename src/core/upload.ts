import type { Json, JsonObject } from './json.ts'
import type { Log } from './log.ts'
import type { Problem } from './sync-progress.ts'
import type { DiscoveredUnit } from './unit.ts'

/** The bytes of an upload request, as they are now. */
export interface UploadedFile {
  /** Bytes. A request that nobody wrote to has 0. */
  readonly size: number
  read(range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>
}

/**
 * Upload requests and their bytes (pulp2-api §9.3), shared by all processes. What `write` was acknowledged for survives a crash.
 * Methods that name a request that is not there throw kind `not-found` with `upload_request` in `resources`.
 */
export interface UploadStore {
  /** Returns its UUID. */
  create(): Promise<string>
  list(): Promise<readonly string[]>
  /** Writes at an offset in bytes; the same chunk twice is the same as once, and chunks may come in any order. */
  write(id: string, offset: number, body: AsyncIterable<Uint8Array>): Promise<void>
  open(id: string): Promise<UploadedFile>
  /** Of an unknown one, nothing (pulp2-api §9.3). */
  delete(id: string): Promise<void>
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
  /** What the repository holds now under a type and key, for merging and replacing. */
  known(type: string, key: JsonObject): Promise<JsonObject | undefined>
  readonly signal: AbortSignal
  readonly log: Log
}

/** What an upload comes to. The bytes of `file` belong to the unit whose file has `content`. */
export interface UploadedUnits {
  readonly units: readonly DiscoveredUnit[]
  readonly problems?: readonly Problem[]
}

/** How the result of the task is told to the plugin's clients (pulp2-types §5.5, §7). */
export interface UploadDescription {
  readonly success_flag: boolean
  readonly summary: Json
  readonly details: Json
}
