import { sha256 } from './published.ts'
import type { Checksums, StormyKind } from './stormy-mirrors.ts'

interface Watched {
  readonly kind: StormyKind
  readonly url: string
  /** All states that may be served. */
  readonly states: readonly Checksums[]
  /** Whether every file is stored: then each request must be answered well. */
  readonly stored: boolean
}

/** A client that reads all that is published, over and over, and checks every byte. */
export class Watcher {
  readonly #watched: Watched
  #rounds = 0
  #stopped = false
  #ended: Promise<void>

  constructor(watched: Watched) {
    this.#watched = watched
    this.#ended = this.#watch()
    // Whoever calls `stop` hears of it.
    this.#ended.catch(() => undefined)
  }

  /** Reads everything once more. Throws what was wrong, if anything was. Resolves with how often everything was read. */
  async stop(): Promise<number> {
    this.#stopped = true
    await this.#ended
    return this.#rounds
  }

  async #watch(): Promise<void> {
    for (let last = false; !last; ) {
      last = this.#stopped
      const listed = await this.#watched.kind.listed((path) => this.#get(path))
      for (const [name, checksum] of Object.entries(listed)) await this.#check(name, checksum)
      this.#rounds += 1
    }
  }

  async #check(name: string, listed: string): Promise<void> {
    const { states, stored } = this.#watched
    if (!states.some((state) => state[name] === listed))
      throw new Error(`${name} is listed with the checksum ${listed}`)
    try {
      const found = sha256(await this.#get(name))
      if (found === listed || states.some((state) => state[name] === found)) return
      throw new WrongBytes(`${name} is served with the checksum ${found} instead of ${listed}`)
    } catch (error) {
      if (stored || error instanceof WrongBytes) throw error
    }
  }

  /** Throws for a broken transfer and for any answer but 200; one that tells of an upstream in trouble is for `stored` to judge. */
  async #get(path: string): Promise<Buffer> {
    const response = await fetch(this.#watched.url + path)
    const bytes = Buffer.from(await response.arrayBuffer())
    if (response.status === 200) return bytes
    const message = `${path} answers ${response.status}`
    throw [502, 503, 504].includes(response.status) ? new Error(message) : new WrongBytes(message)
  }
}

/** What no fault of an upstream excuses. */
class WrongBytes extends Error {}
