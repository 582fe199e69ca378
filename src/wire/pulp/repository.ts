import { type Static, Type } from 'typebox'
import { PulpDistributor } from './distributor.ts'
import { PulpImporter } from './importer.ts'
import { exact, extension, FreeObject, Href, NullableDate, NullableText, ObjectId } from './scalars.ts'

/** pulp2-api §5.1. The optional members are there when the query asks for them; the two totals on a single one only. */
export const PulpRepository = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('repos'),
    _href: Href,
    id: Type.String(),
    display_name: NullableText,
    description: NullableText,
    notes: FreeObject,
    scratchpad: Type.Unknown(),
    content_unit_counts: Type.Record(Type.String(), Type.Integer()),
    last_unit_added: NullableDate,
    last_unit_removed: NullableDate,
    /** There when it was set. */
    retain_versions: Type.Optional(Type.Integer({ minimum: 1, ...extension })),
    importers: Type.Optional(Type.Array(PulpImporter)),
    distributors: Type.Optional(Type.Array(PulpDistributor)),
    total_repository_units: Type.Optional(Type.Integer()),
    locally_stored_units: Type.Optional(Type.Integer()),
  },
  exact,
)
export type PulpRepository = Static<typeof PulpRepository>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundRepository = Type.Object(
  {
    ...Type.Partial(PulpRepository).properties,
    ...Type.Pick(PulpRepository, ['_id', '_href', 'id']).properties,
  },
  exact,
)
export type PulpFoundRepository = Static<typeof PulpFoundRepository>
