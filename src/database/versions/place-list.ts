import { DeckleError } from '../../core/errors.ts'
import type { PackPlace } from './open-pack.ts'

const none = -1

/** Where the documents of many units lie, in the order in which the units are wanted. */
export class PlaceList {
  readonly #packs: number[] = []
  readonly #slots: number[] = []

  get length(): number {
    return this.#packs.length
  }

  push({ pack, slot }: PackPlace): void {
    this.#packs.push(pack ?? none)
    this.#slots.push(slot ?? 0)
  }

  slot(unit: number): number {
    return this.#slots[unit] ?? 0
  }

  /** Of each pack its units from `from` on. */
  *byPack(from: number): Generator<readonly [pack: number, units: readonly number[]]> {
    const pack = (unit: number) => this.#packs[unit] ?? none
    const units = Array.from({ length: Math.max(0, this.length - from) }, (_, index) => from + index)
    units.sort((one, other) => pack(one) - pack(other) || this.slot(one) - this.slot(other))
    for (let at = 0, end = 0; at < units.length; at = end) {
      const current = pack(units[at] ?? 0)
      while (end < units.length && pack(units[end] ?? 0) === current) end += 1
      if (current !== none) yield [current, units.slice(at, end)]
    }
  }

  /** Both were read one after the other, and units may be deleted in between. */
  require(unit: number, { pack, slot }: PackPlace): void {
    if (this.#packs[unit] === (pack ?? none) && this.#slots[unit] === (slot ?? 0)) return
    throw new DeckleError('conflict', 'units were deleted while they were read')
  }
}

/**
 * Whether units that follow each other are few of their packs' many, so that the same packs would be opened again and again for those
 * that come after them.
 */
export function areScattered(places: readonly PackPlace[]): boolean {
  const packs = new Map<number, { units: number; slots: number }>()
  for (const { pack, slot } of places) {
    if (pack === null) continue
    const { units, slots } = packs.get(pack) ?? { units: 0, slots: 0 }
    packs.set(pack, { units: units + 1, slots: Math.max(slots, (slot ?? 0) + 1) })
  }
  let [units, slots] = [0, 0]
  for (const pack of packs.values()) {
    units += pack.units
    slots += pack.slots
  }
  return units * 2 < slots
}
