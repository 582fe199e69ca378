import type { Criteria, SortKey } from '../core/criteria.ts'
import { notFound } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { AssociationCriteria, UnitAssociation, UnitParts, UnitReader, UnitView } from '../core/unit-reader.ts'
import { matchesFilter } from './match-filter.ts'
import { compareBy } from './mongo-values.ts'

type Held = Omit<UnitAssociation, 'repositoryId'>

/** Units that a test puts in, newest revisions only: what a reader of units means, as plainly as can be. */
export class MemoryUnits implements UnitReader {
  readonly units: UnitView[] = []
  readonly repositories = new Map<string, Held[]>()

  async *list(type: string, parts: UnitParts) {
    yield* this.units.filter((unit) => unit.type === type).map((unit) => this.#view(unit, parts))
  }

  async *search(type: string, { filter, sort, skip, limit }: Criteria, parts: UnitParts) {
    const found = this.units.filter((unit) => unit.type === type && matchesFilter(filter, documentOf(unit)))
    const ordered = found.toSorted(byKeys(sort, documentOf))
    for (const unit of ordered.slice(skip, endOf(skip, limit))) yield this.#view(unit, parts)
  }

  async get(type: string, wireId: string, parts: UnitParts) {
    const unit = this.units.find((one) => one.type === type && one.wireId === wireId)
    return unit && this.#view(unit, parts)
  }

  async *associations(repositoryId: string, criteria: AssociationCriteria, parts: UnitParts) {
    const held = this.repositories.get(repositoryId)
    if (held === undefined) throw notFound({ repository: repositoryId })
    const { types, skip, limit } = criteria
    const found = held.filter(
      (one) =>
        types?.includes(one.unit.type) !== false &&
        matchesFilter(criteria.unit, documentOf(one.unit)) &&
        matchesFilter(criteria.association, associationOf(repositoryId, one)),
    )
    const ordered = found
      .toSorted((left, right) => compareText(left.unit.wireId, right.unit.wireId))
      .toSorted(byKeys(criteria.unitSort, ({ unit }) => documentOf(unit)))
      .toSorted((left, right) => compareText(left.unit.type, right.unit.type))
      .toSorted(byKeys(criteria.associationSort, (one) => associationOf(repositoryId, one)))
    for (const one of ordered.slice(skip, endOf(skip, limit))) {
      yield { repositoryId, ...one, unit: this.#view(one.unit, parts) }
    }
  }

  async select(repositoryId: string, criteria: AssociationCriteria) {
    const found = await Array.fromAsync(this.associations(repositoryId, criteria, {}))
    const ids = found.map(({ unit }) => unit.id)
    return { length: ids.length, pages: () => [ids] }
  }

  async names(ids: readonly number[]) {
    const units = ids.flatMap((id) => this.units.find((unit) => unit.id === id) ?? [])
    return units.map(({ type, metadata }) => ({ type, key: metadata }))
  }

  async setUserMetadata(type: string, wireId: string, value: Json) {
    const index = this.units.findIndex((one) => one.type === type && one.wireId === wireId)
    const unit = this.units[index]
    if (unit !== undefined) this.units[index] = { ...unit, userMetadata: value }
    return unit !== undefined
  }

  #view(unit: UnitView, parts: UnitParts): UnitView {
    const wanted = Object.entries(unit.documents).filter(([name]) => parts.documents?.includes(name))
    const view = { ...unit, documents: Object.fromEntries(wanted) }
    return parts.repositories === true ? { ...view, repositories: this.#holders(unit.wireId) } : view
  }

  #holders(wireId: string): readonly string[] {
    const holders = [...this.repositories].filter(([, held]) => held.some(({ unit }) => unit.wireId === wireId))
    return holders.map(([id]) => id).toSorted(compareText)
  }
}

function endOf(skip: number, limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : skip + limit
}

function documentOf(unit: UnitView): JsonObject {
  return {
    ...unit.metadata,
    _id: unit.wireId,
    _content_type_id: unit.type,
    _ns: `units_${unit.type}`,
    _last_updated: Math.floor(unit.updated.getTime() / 1000),
    pulp_user_metadata: unit.userMetadata,
    ...(unit.storage !== undefined && { downloaded: unit.storage.downloaded, _storage_path: unit.storage.path }),
  }
}

function associationOf(repositoryId: string, { unit, created, updated }: Held): JsonObject {
  const dates = { created: toSeconds(created), updated: toSeconds(updated) }
  return { ...dates, unit_id: unit.wireId, unit_type_id: unit.type, repo_id: repositoryId }
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

function byKeys<Item>(keys: readonly SortKey[], documentOf: (item: Item) => JsonObject) {
  return (left: Item, right: Item): number => {
    for (const { field, direction } of keys) {
      const order = compareBy(field.split('.'), direction)(documentOf(left), documentOf(right))
      if (order !== 0) return order
    }
    return 0
  }
}

function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
