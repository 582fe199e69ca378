import { type Static, Type } from 'typebox'
import { exact, FreeObject, Href, ObjectId } from './scalars.ts'

/** pulp2-api §13. */
export const PulpEventListener = Type.Object(
  {
    _id: ObjectId,
    _ns: Type.Literal('event_listeners'),
    _href: Href,
    id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
    notifier_type_id: Type.String(),
    notifier_config: FreeObject,
    event_types: Type.Array(Type.String()),
  },
  exact,
)
export type PulpEventListener = Static<typeof PulpEventListener>
