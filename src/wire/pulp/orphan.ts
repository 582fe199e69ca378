import { type Static, Type } from 'typebox'
import { exact, Href } from './scalars.ts'

/** Units in no repository, by content type (pulp2-api §9.2). */
export const PulpOrphanCounts = Type.Record(Type.String(), Type.Object({ count: Type.Integer(), _href: Href }, exact))
export type PulpOrphanCounts = Static<typeof PulpOrphanCounts>

/** Open: the fields of the unit's key stand beside. */
export const PulpOrphan = Type.Object({ _id: Type.String(), _content_type_id: Type.String(), _href: Href })
export type PulpOrphan = Static<typeof PulpOrphan>

export const PulpOrphanLink = Type.Object({ _id: Type.String(), _href: Href }, exact)
export type PulpOrphanLink = Static<typeof PulpOrphanLink>
