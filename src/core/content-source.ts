import type { JsonObject } from './json.ts'

/**
 * An alternate place that downloads may come from, declared by the operator in a file of the folder `content.sources` (pulp2-api
 * §9.4). `entries` are the strings of the file.
 */
export interface ContentSource {
  readonly id: string
  readonly enabled: boolean
  /** Lower is tried first; before the upstream that a repository names. */
  readonly priority: number
  readonly type: string
  readonly baseUrls: readonly string[]
  readonly maxConcurrent: number
  /** Seconds after which its catalog has to be read again. */
  readonly expiresSeconds: number
  readonly entries: JsonObject
}
