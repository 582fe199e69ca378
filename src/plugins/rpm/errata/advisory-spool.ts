import type { Scratch } from '../../../core/scratch.ts'
import type { Advisory } from './advisory.ts'

interface Piece {
  readonly offset: number
  readonly length: number
}

/** Advisories beside memory, found again by their ids: of each id the one that is held, and those that came in. */
export class AdvisorySpool {
  readonly #openScratch: () => Promise<Scratch>
  readonly #held = new Map<string, Piece>()
  readonly #incoming = new Map<string, Piece[]>()
  #scratch: Promise<Scratch> | undefined

  constructor(openScratch: () => Promise<Scratch>) {
    this.#openScratch = openScratch
  }

  async hold(advisory: Advisory): Promise<void> {
    this.#held.set(advisory.id, await this.#write(advisory))
  }

  async add(advisory: Advisory): Promise<void> {
    const pieces = this.#incoming.get(advisory.id) ?? []
    pieces.push(await this.#write(advisory))
    this.#incoming.set(advisory.id, pieces)
  }

  /** How many ids came in. */
  get size(): number {
    return this.#incoming.size
  }

  /** In the order in which their ids came. */
  async *all(): AsyncGenerator<{ readonly held: Advisory | undefined; readonly incoming: readonly Advisory[] }> {
    for (const [id, pieces] of this.#incoming) {
      const held = this.#held.get(id)
      const incoming: Advisory[] = []
      for (const piece of pieces) incoming.push(await this.#read(piece))
      yield { held: held && (await this.#read(held)), incoming }
    }
  }

  async #write(advisory: Advisory): Promise<Piece> {
    const bytes = Buffer.from(JSON.stringify(advisory))
    return { offset: await (await this.#open()).append(bytes), length: bytes.length }
  }

  async #read({ offset, length }: Piece): Promise<Advisory> {
    const bytes = await (await this.#open()).read(offset, length)
    return JSON.parse(Buffer.from(bytes).toString()) as Advisory
  }

  #open(): Promise<Scratch> {
    this.#scratch ??= this.#openScratch()
    return this.#scratch
  }
}
