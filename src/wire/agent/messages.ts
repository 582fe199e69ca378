import { type Static, Type } from 'typebox'

/**
 * What a host's agent and the server say to each other over the agent's one WebSocket, a JSON text each. The agent speaks first
 * (`hello`). Unknown kinds and members are ignored by both, so that either may be newer.
 */
const Layer = Type.Object({
  id: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  totalBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  done: Type.Boolean(),
})

/** An image of the host's engine: all names it has there, `busybox:latest`, `quay.io/ns/app@sha256:…`. */
const PresentImage = Type.Object({ names: Type.Array(Type.String()), id: Type.String(), size: Type.Integer() })

const Under = Type.Object({ pull: Type.Integer(), attempt: Type.Integer() })

export const AgentMessage = Type.Union([
  Type.Object({
    kind: Type.Literal('hello'),
    hostname: Type.String(),
    /** What the host shall be called, if the agent was told. */
    name: Type.Optional(Type.String()),
    labels: Type.Record(Type.String(), Type.String()),
    /** `docker 20.10.24`, `podman 4.3.1`; null when none answers. */
    engine: Type.Union([Type.String(), Type.Null()]),
    version: Type.String(),
    /** Pulls from before the connection was lost that it is doing, or whose `end` has not been acknowledged: that follows. */
    pulls: Type.Array(Under),
  }),
  /** All of them, each time. */
  Type.Object({ kind: Type.Literal('images'), images: Type.Array(PresentImage) }),
  /** Twice a second at most, and every ten seconds without news. Nothing in it ever falls. */
  Type.Object({
    kind: Type.Literal('progress'),
    pull: Type.Integer(),
    attempt: Type.Integer(),
    bytes: Type.Union([Type.Integer(), Type.Null()]),
    totalBytes: Type.Union([Type.Integer(), Type.Null()]),
    layers: Type.Array(Layer),
  }),
  /** Said again, on the next connection too, until it is acknowledged. */
  Type.Object({
    kind: Type.Literal('end'),
    pull: Type.Integer(),
    attempt: Type.Integer(),
    outcome: Type.Union([Type.Literal('done'), Type.Literal('failed'), Type.Literal('cancelled')]),
    digest: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('alive') }),
])
export type AgentMessage = Static<typeof AgentMessage>

export const ServerMessage = Type.Union([
  /** The answer to `hello`; `alive` is expected this often. */
  Type.Object({ kind: Type.Literal('welcome'), host: Type.String(), aliveSeconds: Type.Integer() }),
  Type.Object({
    kind: Type.Literal('pull'),
    pull: Type.Integer(),
    attempt: Type.Integer(),
    /** For the engine: `quay.io/ns/app`, with `tag` or `digest`. */
    repository: Type.String(),
    tag: Type.Union([Type.String(), Type.Null()]),
    digest: Type.Union([Type.String(), Type.Null()]),
    /** Pull only when the name is there already. */
    onlyIfPresent: Type.Boolean(),
    /** Do nothing when the name is there already. */
    onlyIfAbsent: Type.Boolean(),
    timeoutSeconds: Type.Union([Type.Integer(), Type.Null()]),
    credential: Type.Optional(
      Type.Object({
        serverAddress: Type.String(),
        username: Type.String(),
        password: Type.String(),
        email: Type.String(),
      }),
    ),
  }),
  Type.Object({ kind: Type.Literal('cancel'), pull: Type.Integer() }),
  /** The answer to every `end`, once it is stored, also of pulls that nobody waits for any more. */
  Type.Object({ kind: Type.Literal('ack'), pull: Type.Integer(), attempt: Type.Integer() }),
])
export type ServerMessage = Static<typeof ServerMessage>
