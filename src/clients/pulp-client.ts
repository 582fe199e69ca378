import type { PulpUpload } from '../wire/pulp/upload.ts'
import { type Call, type Connection, send } from './http-connection.ts'
import type {
  CallReport,
  DistributorReport,
  NewDistributor,
  NewRepository,
  OrphanCounts,
  RepositoryDetails,
  RepositoryReport,
  StatusReport,
  TaskReport,
  UnitChangeReport,
  VersionReport,
} from './pulp-answers.ts'
import { ServerError } from './server-error.ts'

type Config = Readonly<Record<string, unknown>>

/** Which units of a repository; all when empty. */
export interface UnitCriteria {
  readonly type_ids?: readonly string[]
  /** MongoDB query documents. */
  readonly filters?: { readonly unit?: object; readonly association?: object }
}

const root = '/pulp/api/v2'

/**
 * Typed calls of the Pulp API. Each resolves with the parsed body and throws ServerError with the server's own text,
 * or UnreachableError. Whether the body has the promised shape is trusted, not checked: the other side is our server.
 */
export class PulpClient {
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  status(): Promise<StatusReport> {
    return this.#call('GET', '/status/')
  }

  repositories(): Promise<RepositoryDetails[]> {
    return this.#call('GET', '/repositories/?details=true')
  }

  repository(id: string): Promise<RepositoryDetails> {
    return this.#call('GET', `${repositoryPath(id)}?details=true`)
  }

  /** The repository, or undefined where there is none of this id. */
  async findRepository(id: string): Promise<RepositoryDetails | undefined> {
    try {
      return await this.repository(id)
    } catch (error) {
      if (error instanceof ServerError && error.status === 404) return undefined
      throw error
    }
  }

  createRepository(repository: NewRepository): Promise<RepositoryReport> {
    return this.#call('POST', '/repositories/', repository)
  }

  deleteRepository(id: string): Promise<CallReport> {
    return this.#call('DELETE', repositoryPath(id))
  }

  /** Gives the repository an importer in the place of the one it has. */
  setImporter(repositoryId: string, type: string, config: Config): Promise<CallReport> {
    const body = { importer_type_id: type, importer_config: config }
    return this.#call('POST', `${repositoryPath(repositoryId)}importers/`, body)
  }

  /** Changes some keys of an importer's config; null removes a key. */
  updateImporter(repositoryId: string, type: string, config: Config): Promise<CallReport> {
    const path = `${repositoryPath(repositoryId)}importers/${encodeURIComponent(type)}/`
    return this.#call('PUT', path, { importer_config: config })
  }

  addDistributor(repositoryId: string, distributor: NewDistributor): Promise<DistributorReport> {
    return this.#call('POST', `${repositoryPath(repositoryId)}distributors/`, distributor)
  }

  /** Changes some keys of a distributor's config, and whether it publishes after each sync. */
  updateDistributor(
    repositoryId: string,
    distributorId: string,
    change: { readonly config?: Config; readonly autoPublish?: boolean },
  ): Promise<CallReport> {
    const delta = change.autoPublish === undefined ? {} : { delta: { auto_publish: change.autoPublish } }
    const path = `${repositoryPath(repositoryId)}distributors/${encodeURIComponent(distributorId)}/`
    return this.#call('PUT', path, { distributor_config: change.config ?? {}, ...delta })
  }

  sync(repositoryId: string, override: Config = {}): Promise<CallReport> {
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/sync/`, { override_config: override })
  }

  publish(repositoryId: string, distributorId: string, override: Config = {}): Promise<CallReport> {
    const body = { id: distributorId, override_config: override }
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/publish/`, body)
  }

  /** Fetches what is missing; `verifyAll` reads what is stored too, and repairs it. */
  download(repositoryId: string, verifyAll = false): Promise<CallReport> {
    const path = `${repositoryPath(repositoryId)}actions/download/`
    return this.#call('POST', path, { verify_all_units: verifyAll })
  }

  /** Makes a place for the bytes of a file. */
  createUpload(): Promise<Pick<PulpUpload, 'upload_id'>> {
    return this.#call('POST', '/content/uploads/')
  }

  /** Writes a chunk at an offset in bytes; it is durable when this resolves, and may be sent again. */
  async writeUpload(id: string, offset: number, bytes: Uint8Array): Promise<void> {
    await send(this.connection, { method: 'PUT', path: `${root}${uploadPath(id)}${offset}/`, bytes })
  }

  async deleteUpload(id: string): Promise<void> {
    await this.#call('DELETE', uploadPath(id))
  }

  /** Makes a unit of an upload. */
  importUpload(
    repositoryId: string,
    uploadId: string,
    unit: { readonly type: string; readonly key: Config; readonly metadata?: Config },
  ): Promise<CallReport> {
    const { type, key, metadata = {} } = unit
    const body = { upload_id: uploadId, unit_type_id: type, unit_key: key, unit_metadata: metadata }
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/import_upload/`, body)
  }

  /** `override` is for the importer of `to`: `{ recursive: true }` of packages. */
  copyUnits(from: string, to: string, criteria: UnitCriteria = {}, override: Config = {}): Promise<CallReport> {
    const body = { source_repo_id: from, criteria, override_config: override }
    return this.#call('POST', `${repositoryPath(to)}actions/associate/`, body)
  }

  removeUnits(repositoryId: string, criteria: UnitCriteria = {}): Promise<CallReport> {
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/unassociate/`, { criteria })
  }

  /** Those that are kept, newest first. */
  versions(repositoryId: string): Promise<VersionReport[]> {
    return this.#call('GET', `${repositoryPath(repositoryId)}versions/`)
  }

  /** What is other in version `to` than in version `from`. */
  diff(repositoryId: string, from: number, to: number): Promise<UnitChangeReport[]> {
    return this.#call('GET', `${repositoryPath(repositoryId)}versions/${from}/diff/${to}/`)
  }

  rollback(repositoryId: string, version: number, options: { readonly publish?: boolean } = {}): Promise<CallReport> {
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/rollback/`, { version, ...options })
  }

  /** Gives the repository the content of another one; of its latest version where none is named. */
  promote(
    repositoryId: string,
    source: { readonly id: string; readonly version?: number },
    options: { readonly publish?: boolean } = {},
  ): Promise<CallReport> {
    const version = source.version === undefined ? {} : { source_version: source.version }
    const body = { source_repo_id: source.id, ...version, ...options }
    return this.#call('POST', `${repositoryPath(repositoryId)}actions/promote/`, body)
  }

  /** Oldest first; only those that have all of `tags`, for example `pulp:repository:zoo`. */
  tasks(tags: readonly string[] = []): Promise<TaskReport[]> {
    const query = tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&')
    return this.#call('GET', query === '' ? '/tasks/' : `/tasks/?${query}`)
  }

  task(id: string): Promise<TaskReport> {
    return this.#call('GET', taskPath(id))
  }

  /** Asks for a stop; a task that is complete is left as it is. */
  async cancelTask(id: string): Promise<void> {
    await this.#call('DELETE', taskPath(id))
  }

  /** Units in no repository, per content type. */
  orphans(): Promise<OrphanCounts> {
    return this.#call('GET', '/content/orphans/')
  }

  /** Of one type, or of all. */
  deleteOrphans(type?: string): Promise<CallReport> {
    return this.#call(
      'DELETE',
      type === undefined ? '/content/orphans/' : `/content/orphans/${encodeURIComponent(type)}/`,
    )
  }

  async #call<Answer>(method: Call['method'], path: string, body?: unknown): Promise<Answer> {
    return (await send(this.connection, { method, path: `${root}${path}`, body })) as Answer
  }
}

function repositoryPath(id: string): string {
  return `/repositories/${encodeURIComponent(id)}/`
}

function uploadPath(id: string): string {
  return `/content/uploads/${encodeURIComponent(id)}/`
}

function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id)}/`
}
