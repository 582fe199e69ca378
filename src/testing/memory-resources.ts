import { randomUUID } from 'node:crypto'
import { DeckleError, notFound } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isTransitioning, type LifeState } from '../core/life-cycle.ts'
import type {
  NewResource,
  Resource,
  ResourceChange,
  ResourceQuery,
  ResourceStore,
  ResourceType,
} from '../core/resource.ts'
import { compareResources, fulfils } from './resource-filters.ts'

interface Row {
  resource: Resource
  touched: number
}

/** Resources of one process, that end with it. */
export class MemoryResources implements ResourceStore {
  readonly #rows = new Map<number, Row>()
  readonly #listeners = new Set<(key: number | undefined) => void>()
  #lastKey = 0

  async create(given: NewResource): Promise<Resource> {
    const { name = null, description = null, identity = null, ...rest } = given
    this.#requireUnique(given.type, given.owner, identity)
    const key = ++this.#lastKey
    const resource = { ...fresh(), ...rest, key, name, description, identity }
    this.#put(resource)
    return resource
  }

  async get(types: readonly ResourceType[], key: number): Promise<Resource> {
    const found = this.#rows.get(key)?.resource
    if (found === undefined || !types.includes(found.type)) throw notFound({ [types.join(' or ')]: String(key) })
    return found
  }

  async find(type: ResourceType, owner: number | null, identity: string): Promise<Resource | undefined> {
    return this.#all().find((one) => one.owner === owner && isSame(one, type, identity))
  }

  async findAnywhere(type: ResourceType, identity: string): Promise<Resource | undefined> {
    return this.#all().find((one) => isSame(one, type, identity))
  }

  async list({ sort, limit, offset, ...query }: ResourceQuery): Promise<readonly Resource[]> {
    const wanted = this.#all().filter((one) => isWanted(one, query) && (query.removed === true || !isHidden(one)))
    return wanted.toSorted((a, b) => compareResources(a, b, sort)).slice(offset, offset + limit)
  }

  async change(key: number, from: readonly LifeState[], change: ResourceChange): Promise<Resource | undefined> {
    const found = this.#rows.get(key)?.resource
    if (found === undefined || !from.includes(found.state)) return undefined
    const { data = {}, ...rest } = change
    const changed = { ...found, ...rest, data: merge(found.data, data) }
    if (changed.removed === null) this.#requireUnique(found.type, found.owner, found.identity, key)
    this.#put(changed)
    return changed
  }

  async unsettled(seconds: number, limit: number): Promise<readonly Resource[]> {
    const before = Date.now() - seconds * 1000
    const stuck = [...this.#rows.values()].filter((row) => isTransitioning(row.resource.state) && row.touched <= before)
    return stuck.slice(0, limit).map((row) => row.resource)
  }

  async toPurge(limit: number): Promise<readonly Resource[]> {
    const due = this.#all().filter((one) => one.state === 'removed' && isPast(one.removeTime))
    return due.slice(0, limit)
  }

  async deletePurged(days: number, limit: number): Promise<number> {
    const before = Date.now() - days * 86_400_000
    const gone = [...this.#rows.values()].filter((row) => row.resource.state === 'purged' && row.touched <= before)
    for (const { resource } of gone.slice(0, limit)) this.#rows.delete(resource.key)
    return Math.min(gone.length, limit)
  }

  changes(listener: (key: number | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** As if the connection had been lost that tells of changes. */
  missChanges(): void {
    for (const listener of this.#listeners) listener(undefined)
  }

  #all(): readonly Resource[] {
    return [...this.#rows.values()].map((row) => row.resource)
  }

  #put(resource: Resource): void {
    this.#rows.set(resource.key, { resource, touched: Date.now() })
    for (const listener of this.#listeners) listener(resource.key)
  }

  #requireUnique(type: ResourceType, owner: number | null, identity: string | null, but?: number): void {
    if (identity === null) return
    const clash = this.#all().some((one) => one.key !== but && one.owner === owner && isSame(one, type, identity))
    if (clash)
      throw new DeckleError('conflict', `There is a ${type} ${identity} already`, { resources: { [type]: identity } })
  }
}

function fresh() {
  const none = { removed: null, removeTime: null, message: null, progress: null, failed: false }
  return { ...none, uuid: randomUUID(), created: new Date() }
}

function isSame(one: Resource, type: ResourceType, identity: string): boolean {
  return one.type === type && one.identity === identity && one.removed === null
}

function isWanted(one: Resource, { types, owners, keys, filters }: Omit<ResourceQuery, 'limit' | 'offset'>): boolean {
  if (!types.includes(one.type) || keys?.includes(one.key) === false) return false
  if (owners !== undefined && (one.owner === null || !owners.includes(one.owner))) return false
  return filters.every((filter) => fulfils(one, filter))
}

function isHidden({ removed, removeTime }: Resource): boolean {
  return isPast(removeTime) || (removed !== null && removed.getTime() <= Date.now() - 300_000)
}

function isPast(date: Date | null): boolean {
  return date !== null && date.getTime() <= Date.now()
}

function merge(old: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...old, ...change }
  for (const [key, value] of Object.entries(change)) if (value === null) delete merged[key]
  return merged
}
