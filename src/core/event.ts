import type { JsonObject } from './json.ts'

/** What listeners can be told (pulp2-api §13). */
export const eventTypes = ['repo.sync.start', 'repo.sync.finish', 'repo.publish.start', 'repo.publish.finish'] as const
export type EventType = (typeof eventTypes)[number]

/** Somebody who wants to be told. */
export interface EventListener {
  readonly key: number
  readonly notifierType: string
  /** As sent, secrets included. */
  readonly config: JsonObject
  /** Of `eventTypes`, or `*`. */
  readonly eventTypes: readonly string[]
}

/** Something that happened, on its way to every listener of its type; kept until it was delivered or given up. */
export interface Event {
  readonly type: EventType
  readonly payload: JsonObject
  /** Task whose report goes along as `call_report`; null for none. */
  readonly taskId: string | null
}

/** Where operations say what happened: in the transaction that makes it true where there is one. Never throws for a listener. */
export interface EventSink {
  tell(event: Event): Promise<void>
}
