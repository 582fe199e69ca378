import { notFound } from '../core/errors.ts'
import type { EventListener, EventListenerStore, NewEventListener } from '../core/event.ts'
import { memoryEpoch } from './memory-repositories.ts'

/** Listeners without a database. */
export class MemoryEventListeners implements EventListenerStore {
  readonly #listeners = new Map<number, EventListener>()
  #lastKey = 0

  async list(): Promise<readonly EventListener[]> {
    return [...this.#listeners.values()]
  }

  async find(key: number): Promise<EventListener | undefined> {
    return this.#listeners.get(key)
  }

  async create(listener: NewEventListener): Promise<EventListener> {
    this.#lastKey += 1
    const made = { ...listener, key: this.#lastKey, created: memoryEpoch }
    this.#listeners.set(made.key, made)
    return made
  }

  async update(key: number, change: Partial<NewEventListener>): Promise<EventListener> {
    const listener = this.#listeners.get(key)
    if (listener === undefined) throw notFound({ event_listener: String(key) })
    const changed = { ...listener, ...change }
    this.#listeners.set(key, changed)
    return changed
  }

  async remove(key: number): Promise<void> {
    if (!this.#listeners.delete(key)) throw notFound({ event_listener: String(key) })
  }
}
