import type { Json, JsonObject } from './json.ts'
import type { Fence } from './task.ts'

/** A named collection of content, with at most one importer and any number of distributors. */
export interface Repository {
  /** Row id; also what `object_id` of the wire is made from. */
  readonly key: number
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly scratchpad: Json
  readonly created: Date
  /** Number of the latest version; 0 is the empty one that every repository starts with. */
  readonly latest: number
  /** How many versions are kept; null: as the server's setting says. */
  readonly retainVersions: number | null
  /** Units per content type in the latest version. */
  readonly counts: Readonly<Record<string, number>>
  readonly lastUnitAdded: Date | null
  readonly lastUnitRemoved: Date | null
}

export interface RepositoryImporter {
  readonly key: number
  readonly repositoryId: string
  readonly type: string
  /** As the user sent it, without nulls. Secrets included: print through the importer's config shape. */
  readonly config: JsonObject
  readonly scratchpad: Json
  readonly created: Date
  readonly lastUpdated: Date
  readonly lastSync: Date | null
}

export interface RepositoryDistributor {
  readonly key: number
  readonly repositoryId: string
  /** Chosen by the user, unique in the repository. */
  readonly id: string
  readonly type: string
  readonly config: JsonObject
  readonly autoPublish: boolean
  readonly scratchpad: Json
  readonly created: Date
  readonly lastUpdated: Date
  readonly lastPublish: Date | null
}

export interface NewRepository {
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  /** As in `Repository`; null when absent. */
  readonly retainVersions?: number | null
}

export interface NewDistributor {
  readonly id: string
  readonly type: string
  readonly config: JsonObject
  readonly autoPublish: boolean
}

export interface RepositoryChange {
  readonly displayName?: string | null
  readonly description?: string | null
  readonly notes?: JsonObject
  readonly scratchpad?: Json
  readonly retainVersions?: number | null
}

/** A repository with everything attached, as lists with details show it. */
export interface RepositoryDetails {
  readonly repository: Repository
  readonly importers: readonly RepositoryImporter[]
  readonly distributors: readonly RepositoryDistributor[]
}

/** Called when everything is written and nobody sees it yet; what it throws undoes it. */
export type Confirm = () => Promise<void>

/**
 * Repositories and what is attached to them. Methods that name something missing throw kind `not-found`; a second
 * repository of one id throws kind `conflict`. What tasks write takes their fence and throws kind `cancelled` when that does not
 * hold.
 */
export interface RepositoryStore {
  /** All or nothing: the repository with its importer and distributors. */
  create(
    repository: NewRepository,
    importer: { type: string; config: JsonObject } | undefined,
    distributors: readonly NewDistributor[],
    confirm?: Confirm,
  ): Promise<Repository>
  get(id: string): Promise<Repository>
  /** In order of id. */
  list(): Promise<readonly Repository[]>
  /** Of the repositories given, or of all; one query a table. */
  details(ids?: readonly string[]): Promise<readonly RepositoryDetails[]>
  update(id: string, change: RepositoryChange): Promise<Repository>
  /** Removes it with importer, distributors, versions, publications and histories. Units stay as orphans. */
  delete(id: string, fence: Fence): Promise<void>
  /** Units of the latest version, of all types or of these, whose files are all stored, plus those without files. */
  countLocallyStored(id: string, types?: readonly string[]): Promise<number>

  importer(repositoryId: string): Promise<RepositoryImporter | undefined>
  /** Replaces the importer that is there. */
  setImporter(
    repositoryId: string,
    type: string,
    config: JsonObject,
    fence: Fence,
    confirm?: Confirm,
  ): Promise<RepositoryImporter>
  /** Without a fence at once, for a client. */
  updateImporter(repositoryId: string, config: JsonObject, fence?: Fence): Promise<RepositoryImporter>
  removeImporter(repositoryId: string, fence: Fence): Promise<void>

  distributor(repositoryId: string, id: string): Promise<RepositoryDistributor>
  distributors(repositoryId: string): Promise<readonly RepositoryDistributor[]>
  /** Distributors of these types in all repositories, for rules that look across repositories. */
  distributorsOfTypes(types: readonly string[]): Promise<readonly RepositoryDistributor[]>
  /** Replaces one that has the same id. Its publications stop being served. */
  setDistributor(repositoryId: string, distributor: NewDistributor, confirm?: Confirm): Promise<RepositoryDistributor>
  updateDistributor(
    repositoryId: string,
    id: string,
    change: { config?: JsonObject; autoPublish?: boolean },
    fence: Fence,
  ): Promise<RepositoryDistributor>
  /** Without a fence at once, for a client. */
  removeDistributor(repositoryId: string, id: string, fence?: Fence): Promise<void>
}
