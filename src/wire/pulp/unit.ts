import { type Static, Type } from 'typebox'
import { exact, Href, ObjectId, WireDate } from './scalars.ts'

/** What is printed of a unit whatever fields are asked for; open, since the type's own fields stand beside. */
const named = { _id: Type.String(), _content_type_id: Type.String() }

/** No unit has others here, but clients look for them. */
const children = Type.Object({}, exact)

/** pulp2-api §9.1; open: the fields of its type stand beside. The optional members are those of types with files. */
export const PulpUnit = Type.Object({
  ...named,
  _last_updated: WireDate,
  _storage_path: Type.Optional(Type.String()),
  downloaded: Type.Optional(Type.Boolean()),
  pulp_user_metadata: Type.Unknown(),
  children,
})
export type PulpUnit = Static<typeof PulpUnit>

export const PulpListedUnit = Type.Object({ ...PulpUnit.properties, _href: Href })
export type PulpListedUnit = Static<typeof PulpListedUnit>

/** As a search shows it; beside these the fields that were asked for. */
export const PulpFoundUnit = Type.Object({
  ...named,
  children,
  _href: Href,
  repository_memberships: Type.Optional(Type.Array(Type.String())),
})
export type PulpFoundUnit = Static<typeof PulpFoundUnit>

/** A unit in a repository (pulp2-api §7). Dates and `repo_id` are there unless only other fields were asked for. */
export const PulpUnitAssociation = Type.Object(
  {
    _id: ObjectId,
    repo_id: Type.Optional(Type.String()),
    unit_id: Type.String(),
    unit_type_id: Type.String(),
    created: Type.Optional(WireDate),
    updated: Type.Optional(WireDate),
    metadata: Type.Object(named),
  },
  exact,
)
export type PulpUnitAssociation = Static<typeof PulpUnitAssociation>

export const PulpUserMetadata = Type.Unknown({ description: 'What users wrote on a unit.' })
export const PulpMissingUnit = Type.String({ description: 'Says that there is no such unit.' })
