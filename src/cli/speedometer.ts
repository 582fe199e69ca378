/** Bytes per second over the last ten seconds. Time comes from outside, in milliseconds. */
export class Speedometer {
  readonly #samples: { at: number; bytes: number }[] = []

  /** Takes note of the total so far and returns the rate; undefined until two samples lie apart. */
  measure(at: number, bytes: number): number | undefined {
    const last = this.#samples.at(-1)
    if (last !== undefined && bytes < last.bytes) this.#samples.length = 0
    this.#samples.push({ at, bytes })
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= 10_000) this.#samples.shift()
    const [first] = this.#samples
    if (first === undefined || at - first.at < 500) return undefined
    return ((bytes - first.bytes) * 1000) / (at - first.at)
  }
}
