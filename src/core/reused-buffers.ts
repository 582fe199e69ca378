/** Sizes are powers of two, so that what was taken for one use does for the next. */
const smallest = 64 * 1024

/**
 * Memory for bytes that are joined, handed to a coder and done with. It is used again and again: buffers that come and go make V8
 * mark its whole heap every few megabytes, which was half the work of syncs and publishes.
 */
export class ReusedBuffers {
  readonly #free: Buffer[] = []

  /** Calls `use` with the bytes of all pieces, which are there until what it returns has settled. */
  async joined<Outcome>(pieces: readonly Uint8Array[], use: (bytes: Buffer) => Promise<Outcome>): Promise<Outcome> {
    const size = pieces.reduce((sum, { length }) => sum + length, 0)
    const buffer = this.#take(size)
    let at = 0
    for (const piece of pieces) {
      buffer.set(piece, at)
      at += piece.length
    }
    try {
      return await use(buffer.subarray(0, size))
    } finally {
      this.#free.push(buffer)
    }
  }

  #take(size: number): Buffer {
    const index = this.#free.findIndex(({ length }) => length >= size)
    const [fitting] = index === -1 ? [] : this.#free.splice(index, 1)
    if (fitting !== undefined) return fitting
    // A larger one takes the place of one that is too small.
    this.#free.pop()
    return Buffer.allocUnsafeSlow(Math.max(smallest, 2 ** Math.ceil(Math.log2(Math.max(size, 1)))))
  }
}
