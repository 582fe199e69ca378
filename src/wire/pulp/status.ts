import { type Static, Type } from 'typebox'
import { exact, WireDate } from './scalars.ts'

/** Older documents show `name`, real servers `_id`: both (pulp2-api §14). */
const Worker = Type.Object(
  { _id: Type.String(), name: Type.String(), _ns: Type.Literal('workers'), last_heartbeat: WireDate },
  exact,
)
const Connection = Type.Object({ connected: Type.Boolean() }, exact)

export const PulpStatus = Type.Object(
  {
    api_version: Type.Literal('2'),
    versions: Type.Object({ platform_version: Type.String() }, exact),
    database_connection: Connection,
    messaging_connection: Connection,
    known_workers: Type.Array(Worker),
  },
  exact,
)
export type PulpStatus = Static<typeof PulpStatus>
