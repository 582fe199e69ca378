import type { ContentType } from '../core/content-type.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { ownedFields } from '../core/owned-unit.ts'
import type { UnitName } from '../core/unit-reader.ts'

/** Units that a report lists. Pulp could not store a report of more than about as many. */
export const listedUnits = 50_000

/**
 * The units that an action was done with, as clients of Pulp are told (pulp2-api §3.7). Of very many the first are listed, and
 * `units_successful_total` says how many there are.
 */
export class UnitsSuccessful {
  readonly #types: ReadonlyMap<string, ContentType>
  readonly #limit: number
  readonly #units: JsonObject[] = []
  #total = 0

  constructor(types: readonly ContentType[], limit = listedUnits) {
    this.#types = new Map(types.map((type) => [type.id, type]))
    this.#limit = limit
  }

  /** `repositoryId`: whose units they are now, where repositories own them. */
  add(units: readonly UnitName[], repositoryId: string): void {
    this.#total += units.length
    for (const { type, key } of units.slice(0, this.#limit - this.#units.length)) {
      this.#units.push({ type_id: type, unit_key: ownedFields(this.#types.get(type), repositoryId, key) })
    }
  }

  /** No more are listed. */
  get isFull(): boolean {
    return this.#units.length >= this.#limit
  }

  /** Adds units that are not listed. */
  count(units: number): void {
    this.#total += units
  }

  result(): Json {
    const cut = this.#total > this.#units.length
    return { units_successful: this.#units, ...(cut && { units_successful_total: this.#total }) }
  }
}
