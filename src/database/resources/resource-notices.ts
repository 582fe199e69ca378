import type { ControlSubscriber } from '../control-connection.ts'

/** The channel on which processes hear that a resource was made or changed; the payload is its key. */
export const resourceChannel = 'deckle_resource'

type Listener = (key: number | undefined) => void

/** Passes notices on to whoever listens in this process. To be attached to the control connection. */
export class ResourceNotices implements ControlSubscriber {
  readonly channel = resourceChannel
  readonly #listeners = new Set<{ readonly hear: Listener }>()
  #wasLost = false

  notice(payload: string): void {
    this.#tell(Number(payload))
  }

  lost(): void {
    this.#wasLost = true
  }

  ready(): void {
    if (this.#wasLost) this.#tell(undefined)
    this.#wasLost = false
  }

  /** Returns how to end it. */
  listen(hear: Listener): () => void {
    const entry = { hear }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  #tell(key: number | undefined): void {
    for (const { hear } of [...this.#listeners]) hear(key)
  }
}
