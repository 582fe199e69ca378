import { type Static, Type } from 'typebox'
import { exact, Href, ObjectId } from './scalars.ts'

/** pulp2-api §14. */
export const PulpContentType = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('content_types'),
    _href: Href,
    id: Type.String(),
    display_name: Type.String(),
    description: Type.String(),
    unit_key: Type.Array(Type.String()),
    search_indexes: Type.Array(Type.Unknown()),
    referenced_types: Type.Array(Type.String()),
  },
  exact,
)
export type PulpContentType = Static<typeof PulpContentType>

/** An importer or a distributor that can be attached. */
export const PulpPluginPart = Type.Object(
  { _href: Href, id: Type.String(), display_name: Type.String(), types: Type.Array(Type.String()) },
  exact,
)
export type PulpPluginPart = Static<typeof PulpPluginPart>
