import type { Generated } from 'kysely'
import type { Json, JsonObject } from '../../core/json.ts'
import type { JsonColumn, Now } from './column-types.ts'

/** Units with their files and documents, and the blobs that these are. */
export interface UnitTables {
  content_type: { id: Generated<number>; name: string }
  unit_pack: { id: number; document: string; body: Buffer }
  unit: {
    id: Generated<number>
    type: number
    key_hash: Buffer
    revision: Buffer
    wire_id: string
    metadata: JsonColumn<JsonObject>
    /** Of its files together, as far as sizes are known. */
    file_bytes: number
    pack: number | null
    slot: number | null
    updated: Now
  }
  /** What users wrote on units; belongs to the key and survives revisions. */
  unit_user_metadata: { wire_id: string; value: JsonColumn<Json> }
  blob: {
    sha256: Buffer
    size: number
    /** Null while it is being written, and from the moment on in which it is being deleted: then it is not stored. */
    stored_at: Date | null
    /** Until then somebody is about to write it and to refer to it. */
    reserved_until: Date | null
    /** When nothing referred to it any more. */
    condemned_at: Date | null
  }
  file: { id: Generated<number>; sha256: Buffer | null; size: number | null }
  file_checksum: { algorithm: string; value: Buffer; file: number }
  file_source: { file: number; importer: number; url: string; rank: number }
  unit_file: { unit: number; path: string; file: number }
  /** Who fetches a file that is not stored, until when that holds, and where its bytes are staged. */
  fetch_lease: { file: number; holder: string; handle: string | null; until: Date }
}
