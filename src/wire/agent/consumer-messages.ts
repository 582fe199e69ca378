import { type Static, Type } from 'typebox'

/**
 * What the agent of a consumer and the server say to each other over `GET <server>/agent/consumer`, a WebSocket, a JSON text each.
 * The server speaks first (`challenge`); the agent proves by its certificate who it is (`hello`), and is welcomed or dismissed.
 * Nothing of it needs TLS. Unknown kinds and members are ignored by both, so that either may be newer.
 */

/** A task is named by its id, as the API spells it. */
const task = Type.String()
const free = Type.Record(Type.String(), Type.Unknown())

export const ConsumerAgentMessage = Type.Union([
  Type.Object({
    kind: Type.Literal('hello'),
    /** In PEM, as the registration of the consumer gave it. */
    certificate: Type.String(),
    /** Host and port that the agent has dialled, `deckle.example.com:8080`, so that nobody in between can use its answer. */
    host: Type.String(),
    /** Of `signed-text.ts`, in Base64. */
    signature: Type.String(),
    version: Type.String(),
    /** Those that it has or whose end was not acknowledged; the server tells it all others. */
    tasks: Type.Array(task),
  }),
  Type.Object({ kind: Type.Literal('accepted'), task }),
  Type.Object({ kind: Type.Literal('started'), task }),
  /** `{ steps: [[name, true | false | null]], details }`, twice a second at most. */
  Type.Object({ kind: Type.Literal('progress'), task, report: free }),
  /** Said again, on the next connection too, until it is acknowledged; with one of the two. */
  Type.Object({
    kind: Type.Literal('end'),
    task,
    /** `{ succeeded, num_changes, reboot: { scheduled, details }, details }`. */
    result: Type.Optional(free),
    /** What kept the agent from trying, for people. */
    error: Type.Optional(Type.String()),
  }),
  /** What is installed, as the profiler of a content type reports it; whole, each time. */
  Type.Object({ kind: Type.Literal('profile'), contentType: Type.String(), profile: Type.Unknown() }),
  /** With the tasks that it has: one that is not in it for long has got lost. */
  Type.Object({ kind: Type.Literal('alive'), tasks: Type.Array(task) }),
])
export type ConsumerAgentMessage = Static<typeof ConsumerAgentMessage>

export const ConsumerServerMessage = Type.Union([
  Type.Object({ kind: Type.Literal('challenge'), nonce: Type.String() }),
  /** `alive` is expected this often. */
  Type.Object({ kind: Type.Literal('welcome'), consumer: Type.String(), aliveSeconds: Type.Integer() }),
  /** It is no consumer here, or not any more: it need not come again with this certificate. The connection ends. */
  Type.Object({ kind: Type.Literal('dismissed'), reason: Type.String() }),
  /** Perhaps once more what it has already. Arguments as in `core/agent-task.ts`. */
  Type.Object({ kind: Type.Literal('task'), task, operation: Type.String(), arguments: free }),
  /** Nobody wants it any more; one that runs is stopped, and its end is said. */
  Type.Object({ kind: Type.Literal('cancel'), task }),
  /** The answer to every `end`, once it is stored, also where nobody waits for it. */
  Type.Object({ kind: Type.Literal('ack'), task }),
])
export type ConsumerServerMessage = Static<typeof ConsumerServerMessage>
