/** Fewer in the time in which silence ends a transfer are no better than none. */
const leastBytes = 1024

/**
 * Tells a body that drips from one that is slow: a server that sends a byte now and then would hold a task for ever. Only the time counts
 * in which somebody waits for bytes.
 */
export class Pace {
  readonly #window: number
  #waited = 0
  #bytes = 0

  /** `window` in milliseconds; 0 for any pace. */
  constructor(window: number) {
    this.#window = window
  }

  came(bytes: number): void {
    this.#bytes += bytes
  }

  /** To be told of each wait, in milliseconds. True when the transfer is to be given up. */
  isDripping(waited: number): boolean {
    this.#waited += waited
    if (this.#window === 0 || this.#waited < this.#window) return false
    const drips = this.#bytes < leastBytes
    this.#waited = 0
    this.#bytes = 0
    return drips
  }
}
