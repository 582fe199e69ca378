import type { Transform } from 'node:stream'

/** A compressor that ends what it writes with each write, and what makes it ready for the next. */
export interface PieceCoder {
  readonly stream: Transform
  again(): void
}

/** As many as Node has threads for it. */
const mostCoders = 4

/**
 * Compresses pieces each of which stands for itself, in coders that are used again: one for each piece takes megabytes that V8
 * counts as its own and collects garbage for, which was half the work of a publish. Equal bytes in give equal bytes out.
 */
export class PieceCompressor {
  readonly #make: () => PieceCoder
  #coders: Lane[] = []

  constructor(make: () => PieceCoder) {
    this.#make = make
  }

  /** `open` must stay as it is until then. */
  compress(open: Uint8Array): Promise<Buffer> {
    return this.#lane().compress(open)
  }

  /** Gives back their memory; those that are at work fail. */
  close(): void {
    for (const lane of this.#coders.splice(0)) lane.close()
  }

  /** One that does nothing, or the one with the least to do. */
  #lane(): Lane {
    // After an error a coder is of no use any more.
    this.#coders = this.#coders.filter((lane) => !lane.broken)
    const least = this.#coders.reduce<Lane | undefined>(
      (one, other) => (one && one.waiting <= other.waiting ? one : other),
      undefined,
    )
    if (least !== undefined && (least.waiting === 0 || this.#coders.length >= mostCoders)) return least
    const lane = new Lane(this.#make())
    this.#coders.push(lane)
    return lane
  }
}

/** One coder; what comes while it is at work waits. */
class Lane {
  waiting = 0
  readonly #coder: PieceCoder
  readonly #written: Buffer[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(coder: PieceCoder) {
    this.#coder = coder
    coder.stream.on('data', (bytes: Buffer) => this.#written.push(bytes))
    // Whoever writes hears of it.
    coder.stream.on('error', () => undefined)
  }

  compress(open: Uint8Array): Promise<Buffer> {
    this.waiting += 1
    const next = this.#last.then(() => this.#write(open))
    this.#last = next.catch(() => undefined)
    return next.finally(() => {
      this.waiting -= 1
    })
  }

  get broken(): boolean {
    return this.#coder.stream.destroyed
  }

  close(): void {
    this.#coder.stream.destroy()
  }

  #write(open: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#coder.stream.write(open, (error) => {
        const { stream, again } = this.#coder
        if (error || stream.destroyed) return reject(error ?? new Error('the compressor was closed'))
        again()
        const written = this.#written.splice(0)
        const [only = Buffer.alloc(0)] = written
        resolve(written.length > 1 ? Buffer.concat(written) : only)
      })
    })
  }
}
