import type { StagingWatcher } from '../../core/blob-store.ts'
import type { Measured } from '../../core/digest.ts'

export type FlightOutcome =
  | { readonly kind: 'stored'; readonly blob: Measured }
  | { readonly kind: 'failed'; readonly error: unknown }

/** How far the fetch of a file has come, for those who read the bytes while they arrive. */
export class FlightProgress {
  /** Counts changes, so that a reader sees whether it has missed one while it was busy. */
  version = 0
  /** Names the bytes received until now; undefined while there are none. Another attempt has another one. */
  handle: string | undefined
  /** Attempts that ended with bytes other than those promised: what was read until then is most likely wrong. */
  rejected = 0
  outcome: FlightOutcome | undefined
  readonly #listeners = new Set<() => void>()

  /** Calls back after every change until the result is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  changed(): void {
    this.version += 1
    for (const listener of this.#listeners) listener()
  }

  /** Follows the bytes that a blob store receives. */
  watcher(): StagingWatcher {
    return {
      started: (handle) => this.show(handle),
      written: () => this.changed(),
    }
  }

  show(handle: string | undefined): void {
    if (this.handle === handle) return
    this.handle = handle
    this.changed()
  }

  reject(): void {
    this.rejected += 1
    this.show(undefined)
  }

  end(outcome: FlightOutcome): void {
    this.outcome = outcome
    this.changed()
  }
}
