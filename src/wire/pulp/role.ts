import { type Static, Type } from 'typebox'
import { PulpOperations } from './permission.ts'
import { exact, Href, NullableText, ObjectId } from './scalars.ts'

/** pulp2-api §12. One that has just been made has no `users`. */
export const PulpRole = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('roles'),
    _href: Href,
    id: Type.String(),
    display_name: Type.String(),
    description: NullableText,
    users: Type.Optional(Type.Array(Type.String())),
    permissions: PulpOperations,
  },
  exact,
)
export type PulpRole = Static<typeof PulpRole>
