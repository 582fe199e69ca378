import { type Static, Type } from 'typebox'
import { exact, Href, ObjectId } from './scalars.ts'

/** pulp2-api §12. There is never a password. */
export const PulpUser = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('users'),
    _href: Href,
    login: Type.String(),
    name: Type.String(),
    roles: Type.Array(Type.String()),
  },
  exact,
)
export type PulpUser = Static<typeof PulpUser>

/** The answer to the call that made it, and to no other. */
export const PulpNewUser = Type.Object(
  { ...PulpUser.properties, id: Type.String({ pattern: '^[0-9a-f]{24}$' }) },
  exact,
)
export type PulpNewUser = Static<typeof PulpNewUser>

/** One that a search found: `fields` left out what was not asked for. */
export const PulpFoundUser = Type.Object(
  { ...Type.Partial(PulpUser).properties, ...Type.Pick(PulpUser, ['_id', '_href', 'login']).properties },
  exact,
)
export type PulpFoundUser = Static<typeof PulpFoundUser>
