/** Failures in a row after which a source is left out, and for how long, in milliseconds. */
const mostFailures = 5
const leftOutMs = 300_000

/** Which content sources are worth trying, as this process has seen them. */
export class SourceHealth {
  readonly #failures = new Map<string, { count: number; at: number }>()

  works(id: string): void {
    this.#failures.delete(id)
  }

  /** True when it is left out from now on. */
  fails(id: string, now = performance.now()): boolean {
    const count = (this.#failures.get(id)?.count ?? 0) + 1
    this.#failures.set(id, { count, at: now })
    return count === mostFailures
  }

  /** One that was left out gets a single try when its time is over. */
  isFit(id: string, now = performance.now()): boolean {
    const failures = this.#failures.get(id)
    return failures === undefined || failures.count < mostFailures || now - failures.at >= leftOutMs
  }
}
