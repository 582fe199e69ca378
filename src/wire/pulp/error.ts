import { type Static, Type } from 'typebox'
import { exact, FreeObject, NullableText } from './scalars.ts'

/** What went wrong, with a code (pulp2-api §2.1, §2.3). `sub_errors` are of the same shape. */
export const PulpErrorDetails = Type.Object(
  {
    code: Type.String(),
    description: Type.String(),
    data: FreeObject,
    sub_errors: Type.Array(FreeObject),
  },
  exact,
)
export type PulpErrorDetails = Static<typeof PulpErrorDetails>

/** Body of every failed call. Open: each class of error adds a member of its own (pulp2-api §2.2). */
export const PulpErrorBody = Type.Object({
  _href: Type.String(),
  http_request_method: Type.String(),
  http_status: Type.Integer(),
  error_message: NullableText,
  exception: Type.Union([Type.Array(Type.String()), Type.Null()]),
  traceback: Type.Union([Type.Array(Type.String()), Type.Null()]),
  error: Type.Optional(PulpErrorDetails),
})
export type PulpErrorBody = Static<typeof PulpErrorBody>

/** The whole answer to an action that is not known is this text (pulp2-api §2.4). */
export const PulpBadRequest = Type.Union([Type.Literal('bad request'), PulpErrorBody])
export type PulpBadRequest = Static<typeof PulpBadRequest>
