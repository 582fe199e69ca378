/** Values that come one by one, of which the next is known. */
export class Peekable<Value> {
  readonly #values: AsyncIterator<Value>
  #next: Value | undefined

  private constructor(values: AsyncIterator<Value>, first: Value | undefined) {
    this.#values = values
    this.#next = first
  }

  static async of<Value>(values: AsyncIterable<Value> | Iterable<Value>): Promise<Peekable<Value>> {
    const iterator = each(values)
    const first = await iterator.next()
    return new Peekable(iterator, first.done === true ? undefined : first.value)
  }

  /** Undefined at the end. */
  get next(): Value | undefined {
    return this.#next
  }

  /** Goes on to the one after it. */
  async advance(): Promise<void> {
    const following = await this.#values.next()
    this.#next = following.done === true ? undefined : following.value
  }

  async close(): Promise<void> {
    await this.#values.return?.()
  }
}

async function* each<Value>(values: AsyncIterable<Value> | Iterable<Value>): AsyncGenerator<Value> {
  yield* values
}
