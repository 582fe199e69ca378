import { type Static, Type } from 'typebox'
import { exact, ObjectId } from './scalars.ts'

/** pulp2-api §1.6. */
const Operation = Type.Union([
  Type.Literal('CREATE'),
  Type.Literal('READ'),
  Type.Literal('UPDATE'),
  Type.Literal('DELETE'),
  Type.Literal('EXECUTE'),
])

/** By resource, in a role, or by login, in a permission. */
export const PulpOperations = Type.Record(Type.String(), Type.Array(Operation))
export type PulpOperations = Static<typeof PulpOperations>

/** Who may do what to one resource (pulp2-api §12). */
export const PulpPermission = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('permissions'),
    id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
    resource: Type.String({ pattern: '^/' }),
    users: PulpOperations,
  },
  exact,
)
export type PulpPermission = Static<typeof PulpPermission>
