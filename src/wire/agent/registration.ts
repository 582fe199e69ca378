import { type Static, Type } from 'typebox'

/**
 * How a host joins: `POST <server>/agent/register` with a `RegistrationRequest`, answered by 201 and a `RegistrationAnswer`. 401 when the
 * token is unknown or no longer good, 422 for a request of another form; both with `{ "message": "…" }`, one line for people.
 */
export const RegistrationRequest = Type.Object({
  /** The `token` of a registrationToken resource. It says which project the host belongs to. */
  token: Type.String({ minLength: 1 }),
  /** A UUID that the agent made for its state folder. Registering it again is the same host, with new keys; the old ones end. */
  identity: Type.String({ minLength: 1, maxLength: 64 }),
  hostname: Type.String({ minLength: 1, maxLength: 255 }),
  /** What the host shall be called; the hostname when absent. */
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  labels: Type.Record(Type.String(), Type.String()),
})
export type RegistrationRequest = Static<typeof RegistrationRequest>

/** The keys go into Basic credentials for `GET <server>/agent/connect`, the WebSocket of `messages.ts`; 401 there: register again. */
export const RegistrationAnswer = Type.Object({
  /** Id of the host, as the API spells it. */
  host: Type.String(),
  accessKey: Type.String(),
  secretKey: Type.String(),
})
export type RegistrationAnswer = Static<typeof RegistrationAnswer>
