import type { UnitDocuments } from '../../core/content-type.ts'
import type { Database } from '../connection.ts'
import { type OpenPack, openPack, type PackPlace } from './open-pack.ts'

/** Bytes of documents that are held at a time, beside one open pack. */
const defaultMemory = 32 * 1024 * 1024
const empty = Buffer.alloc(0)

/**
 * Reads documents out of packs. Units that stand together in a version need not share a pack: they may have come in any order. So
 * many are looked at together, and each pack is opened once for all of them.
 */
export class PackReader {
  readonly #database: Database
  readonly #names: readonly string[]
  readonly #memory: number

  constructor(database: Database, names: readonly string[], memory = defaultMemory) {
    this.#database = database
    this.#names = names
    this.#memory = memory
  }

  /** The documents at each place, in this order. */
  async *documents<Place extends PackPlace>(
    places: readonly Place[],
  ): AsyncGenerator<readonly [place: Place, documents: UnitDocuments]> {
    let held: readonly UnitDocuments[] = []
    let from = 0
    for (const [index, place] of places.entries()) {
      if (index === from + held.length) {
        from = index
        held = await this.#read(places, from)
      }
      yield [place, held[index - from] ?? {}]
    }
  }

  /**
   * The documents of some places from `from` on, at least one: up to where nothing was read ahead, which is soon where units came in
   * this order, or as many as memory allows.
   */
  async #read(places: readonly PackPlace[], from: number): Promise<readonly UnitDocuments[]> {
    const held: (UnitDocuments | undefined)[] = places
      .slice(from)
      .map(({ pack }) => (pack === null || this.#names.length === 0 ? {} : undefined))
    let [size, read, whole] = [0, 0, leadingRead(held, 0)]
    for (const [pack, indices] of indicesByPack(places, from)) {
      const wanted = indices.filter((index) => index < held.length)
      if (whole === held.length || (read > 0 && read === whole)) break
      if (wanted.length === 0) continue
      const open = await openPack(this.#database, this.#names, pack)
      for (const index of wanted) held[index] = documentsIn(open, places[from + index]?.slot ?? 0, wanted.length)
      read += wanted.length
      whole = leadingRead(held, whole)
      size += sizeOf(wanted.map((index) => held[index]))
      if (size > this.#memory && whole * 2 >= read) break
      while (size > this.#memory && held.length > 1) {
        held.length = Math.ceil(held.length / 2)
        size = sizeOf(held)
      }
    }
    return held.slice(0, leadingRead(held, 0)).map((documents) => documents ?? {})
  }
}

/** By their packs, in the order in which these are needed; counted from `from`. */
function indicesByPack(places: readonly PackPlace[], from: number): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>()
  for (const [index, { pack }] of places.slice(from).entries()) {
    if (pack === null) continue
    const group = groups.get(pack) ?? []
    group.push(index)
    groups.set(pack, group)
  }
  return groups
}

/** Copies, which do not keep the rest of the pack in memory, unless about all of it is wanted. */
function documentsIn(pack: OpenPack, slot: number, wanted: number): UnitDocuments {
  const entries = [...pack].map(([name, texts]) => {
    const text = texts[slot] ?? empty
    return [name, wanted * 2 < texts.length ? Buffer.from(text) : text] as const
  })
  return Object.fromEntries(entries)
}

function leadingRead(held: readonly (UnitDocuments | undefined)[], from: number): number {
  const gap = held.indexOf(undefined, from)
  return gap === -1 ? held.length : gap
}

function sizeOf(held: readonly (UnitDocuments | undefined)[]): number {
  let size = 0
  for (const documents of held) for (const name in documents) size += documents[name]?.length ?? 0
  return size
}
