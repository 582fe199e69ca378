import { type Static, Type } from 'typebox'
import { Href } from './scalars.ts'

/** pulp2-api §9.4: the strings of its file, secrets masked, and what is always there. */
export const PulpContentSource = Type.Object(
  {
    _href: Href,
    source_id: Type.String(),
    type: Type.String(),
    base_url: Type.String(),
    enabled: Type.String(),
  },
  { additionalProperties: Type.String() },
)
export type PulpContentSource = Static<typeof PulpContentSource>

export const PulpDeletedEntries = Type.Object(
  { deleted: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
)
export type PulpDeletedEntries = Static<typeof PulpDeletedEntries>
