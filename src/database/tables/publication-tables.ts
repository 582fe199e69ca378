import type { Generated } from 'kysely'
import type { JsonObject } from '../../core/json.ts'
import type { SegmentIndex } from '../../core/segment.ts'
import type { JsonColumn, Now } from './column-types.ts'

/** What is and was published. */
export interface PublicationTables {
  /** Of a repository by a distributor of it; or of a group, which has neither repository nor version, by one of the group. */
  publication: {
    id: Generated<number>
    distributor: number | null
    group_distributor: number | null
    distributor_type: string
    repository: number | null
    version: number
    layout: string
    config: JsonColumn<JsonObject>
    base_path: string
    task: number | null
    created: Now
    /** What its generated files say of when they were made, if they are those of another publication. */
    dated: Date | null
    live_from: Date | null
    superseded_at: Date | null
  }
  live_publication: {
    base_path: string
    distributor: number | null
    group_distributor: number | null
    publication: number
  }
  generated_file: {
    publication: number
    path: string
    size: number
    sha256: Buffer
    media_type: string
    parts: Buffer
  }
  /** Of files that are made of segments (`core/segment.ts`). */
  publication_segments: { publication: number; set: string; index: JsonColumn<SegmentIndex> }
  /** Which blobs the generated files of a publication are made of. */
  generated_blob: { sha256: Buffer; publication: number }
}
