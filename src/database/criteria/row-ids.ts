/** Row ids in their order, eight bytes each: what a search holds while its objects are read page by page. */
export class RowIds {
  #ids = new Float64Array(1024)
  #length = 0

  add(id: number): void {
    if (this.#length === this.#ids.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#ids)
      this.#ids = larger
    }
    this.#ids[this.#length] = id
    this.#length += 1
  }

  get length(): number {
    return this.#length
  }

  *pages(size: number): Generator<readonly number[]> {
    for (let start = 0; start < this.#length; start += size) {
      yield [...this.#ids.subarray(start, Math.min(start + size, this.#length))]
    }
  }
}
