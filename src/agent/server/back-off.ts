const firstMs = 1000
const longestMs = 60_000

/** How long to wait before the next attempt: twice as long each time, of which up to half is chance, so that hosts do not come at once. */
export class BackOff {
  readonly #random: () => number
  #next = firstMs

  /** `random` gives numbers from 0 to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Milliseconds. */
  next(): number {
    const most = this.#next
    this.#next = Math.min(longestMs, most * 2)
    return Math.round(most * (1 - this.#random() / 2))
  }

  reset(): void {
    this.#next = firstMs
  }
}
