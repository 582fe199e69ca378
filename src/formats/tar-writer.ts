import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'

/** Writes a tar archive (POSIX ustar; sizes of 8 GiB and more as GNU tar has them) from front to back, in bounded memory. */
export class TarWriter {
  readonly #pack: Pack = pack()
  readonly #written: Promise<void>
  readonly #time: Date

  /** Ends `output` with the archive. `time` is that of every entry. */
  constructor(output: Writable, time: Date) {
    this.#time = time
    this.#written = pipeline(this.#pack, output)
    // Told by `add` or `finish`, whichever comes next.
    this.#written.catch(() => undefined)
  }

  /** A file that only its owner may read. Rejects when `body` has not exactly `size` bytes: the archive is spoiled then. */
  async add(name: string, size: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    const source = Readable.from(body)
    try {
      await this.#entry(name, size, source)
    } catch (error) {
      this.#pack.destroy(error instanceof Error ? error : undefined)
      // What the output complained about says more than that the entry could not be written.
      await this.#written
      throw error
    } finally {
      source.destroy()
    }
  }

  /** Resolves when the output has taken everything. */
  async finish(): Promise<void> {
    this.#pack.finalize()
    await this.#written
  }

  #entry(name: string, size: number, source: Readable): Promise<void> {
    return new Promise((resolve, reject) => {
      const header = { name, size, mode: 0o600, mtime: this.#time }
      const sink = this.#pack.entry(header, (error) => (error ? reject(error) : resolve()))
      source.on('error', (error) => sink.destroy(error))
      sink.on('error', reject)
      source.pipe(sink)
    })
  }
}
