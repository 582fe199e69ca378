/** A map that forgets the least recently used entries once the weights of all exceed `limit`. Weights are in bytes, roughly. */
export class BoundedCache<Value extends object | string> {
  readonly #limit: number
  /** Oldest use first: a map keeps the order of insertion. */
  readonly #entries = new Map<string, { readonly value: Value; readonly weight: number }>()
  #weight = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Sum of the weights now held. */
  get weight(): number {
    return this.#weight
  }

  /** Counts as a use. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Replaces what was there. What is heavier than the limit alone is not kept. */
  set(key: string, value: Value, weight: number): void {
    this.delete(key)
    if (weight > this.#limit) return
    this.#entries.set(key, { value, weight })
    this.#weight += weight
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#limit) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#weight -= entry.weight
  }
}
