import { type Static, Type } from 'typebox'
import { FreeObject } from './scalars.ts'

const NumberOrText = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+$' }), Type.Null()])
const Direction = Type.Union([Type.String({ pattern: '^(ascending|descending|-?1)$' }), Type.Integer()])

/** What a search asks for (pulp2-api §4.1); `filters` is a MongoDB query document. */
const PulpCriteria = Type.Object(
  {
    filters: Type.Optional(Type.Union([FreeObject, Type.Null()])),
    sort: Type.Optional(Type.Union([Type.Array(Type.Tuple([Type.String(), Direction])), Type.Null()])),
    limit: Type.Optional(NumberOrText),
    skip: Type.Optional(NumberOrText),
    fields: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  },
  { additionalProperties: false },
)

/** Body of every search by POST; what else a collection understands stands beside `criteria`. */
export const PulpSearchBody = Type.Object({ criteria: PulpCriteria })
export type PulpSearchBody = Static<typeof PulpSearchBody>
