import type { FoundUnit } from '../../core/unit.ts'

/** A batch of units ends with either. */
const maxUnits = 32
const maxBytes = 4 * 1024 * 1024

/** Units on their way to the core, as many as memory may hold at once. */
export class UnitBatch {
  #units: FoundUnit[] = []
  #bytes = 0

  add(unit: FoundUnit): void {
    this.#units.push(unit)
    for (const document of Object.values(unit.documents ?? {})) this.#bytes += document.length
  }

  get full(): boolean {
    return this.#units.length >= maxUnits || this.#bytes >= maxBytes
  }

  take(): readonly FoundUnit[] {
    const units = this.#units
    this.#units = []
    this.#bytes = 0
    return units
  }
}
