const idBytes = 16

/** UUIDs of all units of a run, 16 bytes each: as texts in a set, those of a large repository are a tenth of the heap. */
export class IdentityList implements Iterable<string> {
  #bytes = Buffer.alloc(1024 * idBytes)
  #length = 0

  add(uuid: string): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#length)
    this.#length += this.#bytes.write(uuid.replaceAll('-', ''), this.#length, 'hex')
  }

  /** In order of `add`, as often as they were added, without dashes. */
  *[Symbol.iterator](): Generator<string> {
    for (let at = 0; at < this.#length; at += idBytes) yield this.#bytes.toString('hex', at, at + idBytes)
  }
}
