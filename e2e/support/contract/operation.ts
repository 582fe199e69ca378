import type { Decision } from './decisions.ts'
import type { Seen } from './seen.ts'
import type { World } from './world.ts'
import type { Method } from './written-api.ts'

/** What a caller must be allowed to do; `public` asks nobody who they are, `user` everybody, and no more. */
export type Right = 'create' | 'read' | 'update' | 'delete' | 'execute' | 'user' | 'public'

/** One row of the contract: a call of the API, what it promises, and cases that hold it to that. */
export interface Operation {
  /** Of the written API, `D.1.1.1`, which says path, permission, status codes and samples; else of pulp2-api, `§9.2`. */
  readonly section: string
  readonly method: Method
  /** What it is for, in a few words. */
  readonly does: string
  /** Of a call that the written API does not have; parameters as `<name>`. */
  readonly path?: string
  /** The route that it takes, where `path` is one case of it. */
  readonly route?: string
  /** Where the written API does not say it, or where it was decided otherwise: any of these. */
  readonly rights?: readonly Right[]
  /** All tags of the tasks that it queues, with parameters as `<name>`. */
  readonly tags?: readonly string[]
  readonly cases: readonly Case[]
  /** Where it is unlike the written API, and no single case shows it. */
  readonly decided?: readonly Decision[]
  /** What it does not do as documented, on purpose: why, for the reader of docs/pulp2-compatibility.md. */
  readonly differs?: readonly string[]
  /** A documented status code that cannot happen: why. */
  readonly never?: Readonly<Record<number, string>>
  /** Deckle's own, unknown to the API's old servers. */
  readonly extension?: true
}

/** A request and what has to come of it. */
export interface Case {
  readonly status: number
  /** Continues the title of the test after the status: `for an id that is taken`. */
  readonly when: string
  /** The documented status that this provokes, where another one was decided on. */
  readonly instead?: { readonly of: number; readonly by: Decision }
  /** Parameters of the query and members of the body whose meaning it shows, beside those of a sample. */
  readonly asks?: readonly string[]
  /** The body is the sample request of the section, with the names that `arrange` replaces. */
  readonly sample?: true
  readonly arrange: (world: World) => Wanted | Promise<Wanted>
  /** The sample answer of the section is compared: where the answer is unlike it, by which decision. */
  readonly like?: { readonly except?: Readonly<Record<string, Decision>>; readonly part?: (seen: Seen) => unknown }
  /** Code of the error, of the body or of the task. */
  readonly code?: string
  /** What the body is where it is neither JSON of success nor an error object: one text in JSON, a page, or plain text. */
  readonly form?: 'text' | 'page' | 'plain'
  /** How the tasks of a 202 end; `finished` if nothing is said. */
  readonly ends?: 'error' | 'canceled'
  readonly by?: Decision
  readonly check?: (seen: Seen, world: World) => unknown
}

/** What a case sends. */
export interface Wanted {
  /** Parameters of the path and of tags. */
  readonly at?: Readonly<Record<string, string>>
  /** Without its question mark. */
  readonly query?: string
  /** As JSON; a string is sent as it is. */
  readonly body?: unknown
  /** In the sample request: what is written there → what is sent. */
  readonly names?: Readonly<Record<string, string>>
}
