/** Whole numbers below 2³², four bytes each, in memory that grows with them. */
export class NumberList {
  #items = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(item: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#items)
      this.#items = larger
    }
    this.#items[this.#length] = item
    this.#length += 1
  }

  /** Zero beyond its end. */
  at(index: number): number {
    return index < this.#length ? (this.#items[index] ?? 0) : 0
  }
}
