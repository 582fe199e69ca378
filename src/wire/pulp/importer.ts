import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, NullableDate, ObjectId, WireDate } from './scalars.ts'

/** pulp2-api §6.1. `last_updated` and `last_override_config` as in later 2.x; `sync_in_progress` and `scheduled_syncs` as written. */
export const PulpImporter = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('repo_importers'),
    _href: Href,
    id: Type.String(),
    importer_type_id: Type.String(),
    repo_id: Type.String(),
    config: FreeObject,
    last_sync: NullableDate,
    last_updated: WireDate,
    last_override_config: FreeObject,
    scratchpad: Type.Unknown(),
    sync_in_progress: Type.Boolean(),
    scheduled_syncs: Type.Array(Type.String()),
  },
  exact,
)
export type PulpImporter = Static<typeof PulpImporter>
