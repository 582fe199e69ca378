import type { PulpTaskReport } from '../../../src/wire/pulp/task-report.ts'
import type { Wanted } from './operation.ts'

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly text: string
  /** Parsed where it is JSON, else undefined. */
  readonly body: unknown
}

/** What a case led to. */
export interface Seen {
  readonly wanted: Wanted
  readonly answer: Answer
  /** Tasks that the answer named, ended, with those that they spawned. */
  readonly tasks: readonly PulpTaskReport[]
}
