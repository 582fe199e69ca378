import type { JsonObject } from './json.ts'
import type { Fence } from './task.ts'

/** What listeners can be told (pulp2-api §13). */
export const eventTypes = ['repo.sync.start', 'repo.sync.finish', 'repo.publish.start', 'repo.publish.finish'] as const
export type EventType = (typeof eventTypes)[number]

/** Somebody who wants to be told. */
export interface EventListener {
  readonly key: number
  /** `http` or `email`. */
  readonly notifierType: string
  /** As sent, without nulls, secrets included. */
  readonly config: JsonObject
  /** Of `eventTypes`, or `*` for all of them. */
  readonly eventTypes: readonly string[]
  readonly created: Date
}

export type NewEventListener = Pick<EventListener, 'notifierType' | 'config' | 'eventTypes'>

/** What changes a listener throws kind `not-found` with `event_listener` when it is not there. */
export interface EventListenerStore {
  /** In order of creation. */
  list(): Promise<readonly EventListener[]>
  find(key: number): Promise<EventListener | undefined>
  create(listener: NewEventListener): Promise<EventListener>
  update(key: number, change: Partial<Omit<NewEventListener, 'notifierType'>>): Promise<EventListener>
  /** With everything that is on its way to it. */
  remove(key: number): Promise<void>
}

/** Something that happened to a repository. */
export interface Event {
  readonly type: EventType
  /** `{ repositoryId, distributorId? }` of a start, `{ history }` of an end: the entry, dates as ISO text. */
  readonly payload: JsonObject
}

/** Where operations say what a task has begun; ends are told by the store of histories, in the transaction of their entry. */
export interface EventSink {
  /** Throws kind `cancelled` when the fence does not hold; nothing that a listener does makes it fail. */
  tell(event: Event, fence: Fence): Promise<void>
}

/** An event on its way to one listener. */
export interface EventDelivery {
  readonly key: number
  readonly listener: EventListener
  readonly event: Event
  /** UUID of the task that told it; null when that is forgotten. */
  readonly taskId: string | null
  /** The event's age, seconds. */
  readonly ageSeconds: number
  /** Counted from 1; proof of the claim. */
  readonly attempt: number
}

/**
 * Events on their way, kept until they were delivered or given up. A listener is told in order: only the oldest event for it is due.
 * Any number of processes may deliver; an event is claimed by one at a time, for `claimSeconds`.
 */
export interface EventDeliveries {
  /** The oldest events of some listeners, due now and claimed by nobody. */
  claim(limit: number): Promise<readonly EventDelivery[]>
  /** Delivered or given up. Nothing happens when the claim has been lost. */
  done(delivery: EventDelivery): Promise<void>
  /** Gives it back, to be tried again after so many seconds. */
  retry(delivery: EventDelivery, seconds: number): Promise<void>
  /** Seconds until the next may be claimed, 0 and less for now; undefined when there is none. */
  nextDue(): Promise<number | undefined>
  /** Keeps the newest `keep` events of each listener. Returns how many went, by the key of the listener. */
  dropExcess(keep: number): Promise<ReadonlyMap<number, number>>
}

/** Carries a message to one kind of listener. Throws when it has not arrived; the reason holds no secret. */
export interface Notifier {
  notify(config: JsonObject, message: EventMessage, signal: AbortSignal): Promise<void>
}

/** As listeners get it. */
export interface EventMessage {
  readonly type: EventType
  /** The whole of it, as an API prints it. */
  readonly body: JsonObject
}
