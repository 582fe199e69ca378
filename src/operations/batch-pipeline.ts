/**
 * Two stages over batches: `fetch` of the next batches runs while `store` of the one before is under way; `store` keeps the
 * order of `push`, and ends with the first batch that fails. At most `depth` batches are in the pipeline, so `push` is where the
 * producer waits.
 */
export class BatchPipeline<Batch, Fetched> {
  readonly #fetch: (batch: Batch) => Promise<Fetched>
  readonly #store: (fetched: Fetched) => Promise<void>
  readonly #depth: number
  readonly #stored: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()

  constructor(
    stages: {
      fetch(batch: Batch): Promise<Fetched>
      store(fetched: Fetched): Promise<void>
    },
    depth = 3,
  ) {
    this.#fetch = stages.fetch
    this.#store = stages.store
    this.#depth = depth
  }

  /** Throws what a batch before failed with. */
  async push(batch: Batch): Promise<void> {
    while (this.#stored.length >= this.#depth) await this.#stored.shift()
    const fetched = this.#fetch(batch)
    const stored = this.#storeAfter(this.#last, fetched)
    // Whoever waits for `stored` sees the failure; these only keep the process from calling it unhandled until then.
    fetched.catch(() => {})
    stored.catch(() => {})
    this.#last = stored
    this.#stored.push(stored)
  }

  async #storeAfter(previous: Promise<void>, fetched: Promise<Fetched>): Promise<void> {
    try {
      await previous
    } catch (error) {
      await fetched.catch(() => {})
      throw error
    }
    await this.#store(await fetched)
  }

  async drain(): Promise<void> {
    await this.#last
  }

  /** Waits until nothing is under way any more, whatever came of it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#stored)
  }
}
