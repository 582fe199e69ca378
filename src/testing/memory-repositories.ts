import { DeckleError, notFound } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type {
  NewDistributor,
  NewRepository,
  Repository,
  RepositoryChange,
  RepositoryDetails,
  RepositoryDistributor,
  RepositoryImporter,
  RepositoryStore,
} from '../core/repository.ts'

interface Entry {
  repository: Repository
  importer: RepositoryImporter | undefined
  distributors: Map<string, RepositoryDistributor>
}

/** When everything in these stores is made: 57237d00 in hexadecimal seconds. */
export const memoryEpoch = new Date('2016-04-29T15:25:52Z')

/** Repositories without a database, for tests of what stands on them. */
export class MemoryRepositories implements RepositoryStore {
  readonly #entries = new Map<string, Entry>()
  #lastKey = 0

  async create(
    repository: NewRepository,
    importer: { type: string; config: JsonObject } | undefined,
    distributors: readonly NewDistributor[],
  ): Promise<Repository> {
    if (this.#entries.has(repository.id)) {
      throw new DeckleError('conflict', 'exists', { resources: { repository: repository.id } })
    }
    const made = { ...emptyRepository, ...repository, key: this.#key() }
    this.#entries.set(repository.id, { repository: made, importer: undefined, distributors: new Map() })
    if (importer !== undefined) await this.setImporter(repository.id, importer.type, importer.config)
    for (const distributor of distributors) await this.setDistributor(repository.id, distributor)
    return made
  }

  /** Puts facts into a repository that only a sync would. */
  async alter(id: string, facts: Partial<Repository>): Promise<Repository> {
    const entry = this.#entry(id)
    entry.repository = { ...entry.repository, ...facts }
    return entry.repository
  }

  async get(id: string): Promise<Repository> {
    return this.#entry(id).repository
  }

  async list(): Promise<readonly Repository[]> {
    return (await this.details()).map(({ repository }) => repository)
  }

  async details(ids: readonly string[] = [...this.#entries.keys()]): Promise<readonly RepositoryDetails[]> {
    const entries = ids.toSorted().flatMap((id) => this.#entries.get(id) ?? [])
    return entries.map(({ repository, importer, distributors }) => ({
      repository,
      importers: importer === undefined ? [] : [importer],
      distributors: [...distributors.values()],
    }))
  }

  async update(id: string, change: RepositoryChange): Promise<Repository> {
    return this.alter(id, change)
  }

  async delete(id: string): Promise<void> {
    this.#entry(id)
    this.#entries.delete(id)
  }

  async countLocallyStored(id: string, types?: readonly string[]): Promise<number> {
    const counts = Object.entries(this.#entry(id).repository.counts)
    return counts.reduce((sum, [type, count]) => sum + (types?.includes(type) === false ? 0 : count), 0)
  }

  async importer(repositoryId: string): Promise<RepositoryImporter | undefined> {
    return this.#entries.get(repositoryId)?.importer
  }

  async setImporter(repositoryId: string, type: string, config: JsonObject): Promise<RepositoryImporter> {
    const importer = { ...emptyPart, scratchpad: null, lastSync: null, repositoryId, type, config, key: this.#key() }
    this.#entry(repositoryId).importer = importer
    return importer
  }

  async updateImporter(repositoryId: string, config: JsonObject): Promise<RepositoryImporter> {
    const entry = this.#entry(repositoryId)
    if (entry.importer === undefined) throw notFound({ repo_id: repositoryId })
    entry.importer = { ...entry.importer, config }
    return entry.importer
  }

  async removeImporter(repositoryId: string): Promise<void> {
    this.#entry(repositoryId).importer = undefined
  }

  async distributor(repositoryId: string, id: string): Promise<RepositoryDistributor> {
    const distributor = this.#entries.get(repositoryId)?.distributors.get(id)
    if (distributor === undefined) throw notFound({ repo_id: repositoryId, distributor_id: id })
    return distributor
  }

  async distributors(repositoryId: string): Promise<readonly RepositoryDistributor[]> {
    return [...(this.#entries.get(repositoryId)?.distributors.values() ?? [])]
  }

  async distributorsOfTypes(types: readonly string[]): Promise<readonly RepositoryDistributor[]> {
    const all = [...this.#entries.values()].flatMap(({ distributors }) => [...distributors.values()])
    return all.filter(({ type }) => types.includes(type))
  }

  async setDistributor(repositoryId: string, distributor: NewDistributor): Promise<RepositoryDistributor> {
    const made = { ...emptyPart, scratchpad: {}, lastPublish: null, repositoryId, ...distributor, key: this.#key() }
    this.#entry(repositoryId).distributors.set(distributor.id, made)
    return made
  }

  async updateDistributor(
    repositoryId: string,
    id: string,
    change: { config?: JsonObject; autoPublish?: boolean },
  ): Promise<RepositoryDistributor> {
    const changed = { ...(await this.distributor(repositoryId, id)), ...change }
    this.#entry(repositoryId).distributors.set(id, changed)
    return changed
  }

  async removeDistributor(repositoryId: string, id: string): Promise<void> {
    this.#entry(repositoryId).distributors.delete(id)
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw notFound({ repository: id })
    return entry
  }

  #key(): number {
    this.#lastKey += 1
    return this.#lastKey
  }
}

const emptyRepository = {
  scratchpad: {},
  created: memoryEpoch,
  latest: 0,
  retainVersions: null,
  counts: {},
  lastUnitAdded: null,
  lastUnitRemoved: null,
}

const emptyPart = { created: memoryEpoch, lastUpdated: memoryEpoch }
