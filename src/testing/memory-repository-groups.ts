import { DeckleError, notFound } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type {
  AttachedGroupDistributor,
  NewGroupDistributor,
  NewRepositoryGroup,
  RepositoryGroup,
  RepositoryGroupChange,
  RepositoryGroupStore,
} from '../core/repository-group.ts'
import { type MemoryRepositories, memoryEpoch } from './memory-repositories.ts'

interface Entry {
  group: Omit<RepositoryGroup, 'repositoryIds'>
  readonly members: Set<string>
  readonly distributors: Map<string, AttachedGroupDistributor>
}

/** Groups of the repositories of another store in memory. */
export class MemoryRepositoryGroups implements RepositoryGroupStore {
  readonly #repositories: MemoryRepositories
  readonly #entries = new Map<string, Entry>()
  #lastKey = 0

  constructor(repositories: MemoryRepositories) {
    this.#repositories = repositories
  }

  async create(wanted: NewRepositoryGroup, distributors: readonly NewGroupDistributor[]): Promise<RepositoryGroup> {
    if (this.#entries.has(wanted.id)) {
      throw new DeckleError('conflict', 'exists', { resources: { repo_group: wanted.id } })
    }
    const known = await this.#living()
    const unknown = wanted.repositoryIds.filter((id) => !known.has(id))
    if (unknown.length > 0) throw notFound({ repositories: unknown.join(', ') })
    const { repositoryIds, ...rest } = wanted
    const group = { ...rest, key: this.#key(), scratchpad: null, created: memoryEpoch }
    this.#entries.set(wanted.id, { group, members: new Set(repositoryIds), distributors: new Map() })
    for (const distributor of distributors) await this.setDistributor(wanted.id, distributor)
    return this.get(wanted.id)
  }

  async get(id: string): Promise<RepositoryGroup> {
    const { group, members } = this.#entry(id)
    const known = await this.#living()
    return { ...group, repositoryIds: [...members].filter((member) => known.has(member)).sort() }
  }

  async list(): Promise<readonly RepositoryGroup[]> {
    return Promise.all([...this.#entries.keys()].sort().map((id) => this.get(id)))
  }

  async update(id: string, change: RepositoryGroupChange): Promise<RepositoryGroup> {
    const entry = this.#entry(id)
    entry.group = { ...entry.group, ...change }
    return this.get(id)
  }

  async delete(id: string): Promise<void> {
    this.#entry(id)
    this.#entries.delete(id)
  }

  async associate(id: string, repositories: readonly number[]): Promise<RepositoryGroup> {
    const { members } = this.#entry(id)
    for (const { id: member, key } of await this.#repositories.list())
      if (repositories.includes(key)) members.add(member)
    return this.get(id)
  }

  async unassociate(id: string, repositories: readonly number[]): Promise<RepositoryGroup> {
    const { members } = this.#entry(id)
    for (const { id: member, key } of await this.#repositories.list()) {
      if (repositories.includes(key)) members.delete(member)
    }
    return this.get(id)
  }

  async distributor(groupId: string, id: string): Promise<AttachedGroupDistributor> {
    const found = this.#entries.get(groupId)?.distributors.get(id)
    if (found === undefined) throw notFound({ repo_group: groupId, distributor: id })
    return found
  }

  async distributors(groupId: string): Promise<readonly AttachedGroupDistributor[]> {
    const all = [...this.#entry(groupId).distributors.values()]
    return all.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  }

  async distributorsOfType(type: string): Promise<readonly AttachedGroupDistributor[]> {
    const all = [...this.#entries.values()].flatMap(({ distributors }) => [...distributors.values()])
    return all.filter((one) => one.type === type)
  }

  async setDistributor(groupId: string, distributor: NewGroupDistributor): Promise<AttachedGroupDistributor> {
    const facts = { scratchpad: null, created: memoryEpoch, lastPublish: null }
    const made = { ...distributor, ...facts, groupId, key: this.#key() }
    this.#entry(groupId).distributors.set(distributor.id, made)
    return made
  }

  async configureDistributor(groupId: string, id: string, config: JsonObject): Promise<AttachedGroupDistributor> {
    const changed = { ...(await this.distributor(groupId, id)), config }
    this.#entry(groupId).distributors.set(id, changed)
    return changed
  }

  async removeDistributor(groupId: string, id: string): Promise<void> {
    await this.distributor(groupId, id)
    this.#entry(groupId).distributors.delete(id)
  }

  async published(distributorKey: number, scratchpad: Json | undefined): Promise<void> {
    for (const { distributors } of this.#entries.values()) {
      for (const one of distributors.values()) {
        if (one.key !== distributorKey) continue
        const kept = scratchpad === undefined ? {} : { scratchpad }
        distributors.set(one.id, { ...one, lastPublish: memoryEpoch, ...kept })
      }
    }
  }

  async #living(): Promise<ReadonlySet<string>> {
    return new Set((await this.#repositories.list()).map(({ id }) => id))
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw notFound({ repo_group: id })
    return entry
  }

  #key(): number {
    this.#lastKey += 1
    return this.#lastKey
  }
}
