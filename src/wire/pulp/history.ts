import { type Static, Type } from 'typebox'
import { exact, NullableText, ObjectId, WireDate } from './scalars.ts'

const Count = Type.Union([Type.Integer(), Type.Null()])

const outcome = {
  /** Absent where the entry is the result of a task (pulp2-api §3.7). */
  _id: Type.Optional(ObjectId),
  id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
  repo_id: Type.String(),
  started: WireDate,
  completed: WireDate,
  result: Type.String(),
  summary: Type.Unknown(),
  details: Type.Unknown(),
  error_message: NullableText,
  exception: NullableText,
  traceback: Type.Union([Type.Array(Type.String()), Type.Null()]),
}

/** pulp2-api §8.3. */
export const PulpSyncHistoryEntry = Type.Object(
  {
    ...outcome,
    _ns: Type.Literal('repo_sync_results'),
    importer_id: Type.String(),
    importer_type_id: Type.String(),
    added_count: Count,
    updated_count: Count,
    removed_count: Count,
  },
  exact,
)
export type PulpSyncHistoryEntry = Static<typeof PulpSyncHistoryEntry>

export const PulpPublishHistoryEntry = Type.Object(
  {
    ...outcome,
    _ns: Type.Literal('repo_publish_results'),
    distributor_id: Type.String(),
    distributor_type_id: Type.String(),
  },
  exact,
)
export type PulpPublishHistoryEntry = Static<typeof PulpPublishHistoryEntry>
