import type { CertificateAuthority } from '../../core/certificate.ts'
import type { ContentCatalog, ContentSources } from '../../core/content-source.ts'
import type { Searches } from '../../core/criteria.ts'
import type { EventListenerStore } from '../../core/event.ts'
import type { HistoryStore } from '../../core/history.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { MetadataSigner } from '../../core/metadata-signer.ts'
import type { Orphans } from '../../core/orphans.ts'
import type { GrantStore } from '../../core/permission.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { NewDistributor, Repository, RepositoryDistributor, RepositoryStore } from '../../core/repository.ts'
import type { RepositoryGroupStore } from '../../core/repository-group.ts'
import type { RoleStore } from '../../core/role.ts'
import type { ExportFolders } from '../../core/safe-folder.ts'
import type { Schedule, ScheduleOwner, ScheduleStore } from '../../core/schedule.ts'
import type { Task, TaskStore } from '../../core/task.ts'
import type { AssociationCriteria, UnitReader } from '../../core/unit-reader.ts'
import type { UploadStore } from '../../core/upload.ts'
import type { User, UserStore } from '../../core/user.ts'
import type { VersionHistory } from '../../core/version-history.ts'
import type { Permit } from '../../operations/additional-copies.ts'
import type { ConsumerServices } from '../../operations/consumers/consumer-services.ts'
import type { CopyOrder } from '../../operations/copy-units.ts'
import type { NotifierRules } from '../../operations/events/notifier-config.ts'
import type { ScheduleChange } from '../../operations/manage-schedules.ts'
import type { ImportRequest } from '../../operations/uploads/import-upload.ts'
import type { PromotionOrder, RollbackOrder } from '../../operations/versions/take-over-version.ts'

/** Everything that the Pulp API stands on; filled in by `server/compose.ts`. */
export interface PulpServices {
  readonly repositories: RepositoryStore
  readonly tasks: TaskStore
  readonly histories: HistoryStore
  readonly schedules: Pick<ScheduleStore, 'list' | 'get' | 'ofRepositories'>
  /** Over objects as `pulpSearchVocabulary` spells them. */
  readonly searches: Searches
  readonly plugins: Plugins
  readonly users: UserStore
  readonly roles: RoleStore
  readonly grants: GrantStore
  readonly repositoryGroups: RepositoryGroupStore
  readonly eventListeners: EventListenerStore
  readonly contentSources: ContentSources
  readonly contentCatalog: Pick<ContentCatalog, 'clear'>
  readonly notifierRules: NotifierRules
  readonly exports: Pick<ExportFolders, 'require'>
  readonly consumers: ConsumerServices
  readonly units: UnitReader
  readonly versions: VersionHistory
  readonly orphans: Pick<Orphans, 'count' | 'list' | 'has'>
  readonly authority: CertificateAuthority
  readonly signer: Pick<MetadataSigner, 'publicKey'>
  /** Whether there is such a consumer now. */
  consumerExists(id: string): Promise<boolean>
  readonly uploads: Pick<UploadStore, 'create' | 'list' | 'write' | 'delete'>
  readonly operations: PulpOperations
  /** What `GET /status/` calls the version of the platform; clients derive feature gates from it. */
  readonly platformVersion: string
  /**
   * Who an `Authorization` header belongs to; throws kind `unauthenticated`, with code `invalid_username_or_password` where that was
   * the reason. A trailing `, Basic` in the header is tolerated (pulp2-api §1.5).
   */
  authenticate(header: string | undefined): Promise<User>
  status(): Promise<ServerStatus>
  /** Tasks that are running now: as many as there are workers. */
  runningTasks(): Promise<readonly Task[]>
}

export interface ServerStatus {
  readonly databaseConnected: boolean
  readonly workers: readonly { readonly name: string; readonly heartbeat: Date }[]
}

/**
 * The verbs. Failures are `DeckleError`s; two cases of kind `invalid` carry a code that this API prints in its own way:
 * `unknown-importer-type` (data `{ importer_type_id }`) and `importer-config` (the plugin refused it). A refused distributor config
 * has the code `distributor-config`. An id that is in use is kind `conflict` with the id in `resources`.
 */
export interface PulpOperations {
  createRepository(input: CreateRepository): Promise<Repository>
  /** One task is spawned for each distributor config. Throws kind `not-found` with `repo_id` for an importer config without an importer. */
  updateRepository(id: string, change: UpdateRepository): Promise<{ repository: Repository; spawned: readonly Task[] }>
  deleteRepository(id: string): Promise<Task>

  setImporter(repositoryId: string, type: string, config: JsonObject): Promise<Task>
  /** Merges: null removes a key. */
  updateImporter(repositoryId: string, type: string, config: JsonObject): Promise<Task>
  removeImporter(repositoryId: string, type: string): Promise<Task>

  addDistributor(repositoryId: string, distributor: AddDistributor): Promise<RepositoryDistributor>
  /** Merges: null removes a key. `autoPublish` is looked at by the task, which fails when it is no boolean (pulp2-api §6.2). */
  updateDistributor(
    repositoryId: string,
    id: string,
    change: { config?: JsonObject; autoPublish?: Json },
  ): Promise<Task>
  removeDistributor(repositoryId: string, id: string): Promise<Task>

  syncRepository(repositoryId: string, overrideConfig: JsonObject): Promise<Task>
  publishRepository(repositoryId: string, distributorId: string, overrideConfig: JsonObject): Promise<Task>
  publishRepositoryGroup(groupId: string, distributorId: string, overrideConfig: JsonObject): Promise<Task>
  refreshContentSource(id: string): Promise<Task>
  /** One task for all that are enabled. */
  refreshContentSources(): Promise<Task>
  /** Throws kind `invalid` with `version` for one that is not there. */
  rollbackRepository(repositoryId: string, order: RollbackOrder): Promise<Task>
  /** Throws kind `invalid` with `source_repo_id` or `source_version` for what is not there. */
  promoteRepository(repositoryId: string, order: PromotionOrder): Promise<Task>
  /** `verifyAll`: what is stored is read and damaged files are fetched again. */
  downloadRepository(repositoryId: string, verifyAll: boolean): Promise<Task>
  /**
   * Throws kind `invalid` that names `source_repo_id` when that is not there, or an option that the importer cannot honour. `permit`
   * refuses repositories that the copy would fill beside this one.
   */
  copyUnits(repositoryId: string, order: CopyOrder, permit: Permit): Promise<Task>
  removeUnits(repositoryId: string, criteria: AssociationCriteria): Promise<Task>

  createSchedule(owner: ScheduleOwner, wanted: ScheduleChange & { readonly text: string }): Promise<Schedule>
  updateSchedule(owner: ScheduleOwner, key: number, change: ScheduleChange): Promise<Schedule>
  deleteSchedule(owner: ScheduleOwner, key: number): Promise<void>

  /** Whether the repository is there is the task's business. */
  importUpload(repositoryId: string, request: ImportRequest): Promise<Task>

  deleteOrphans(): Promise<Task>
  deleteOrphansOfType(type: string): Promise<Task>
  deleteOrphan(type: string, wireId: string): Promise<Task>
  /** Entries are looked at by the task, which fails on a bad one. */
  deleteNamedOrphans(units: readonly Json[]): Promise<Task>
}

export interface CreateRepository {
  readonly id: string
  /** The id when absent; null stays null. */
  readonly displayName?: string | null
  readonly description: string | null
  readonly notes: JsonObject
  /** Null or absent: as the server's setting says. */
  readonly retainVersions?: number | null
  readonly importer?: { readonly type: string; readonly config: JsonObject }
  readonly distributors: readonly AddDistributor[]
}

/** A generated id when it has none. */
export interface AddDistributor extends Omit<NewDistributor, 'id'> {
  readonly id?: string
}

export interface UpdateRepository {
  readonly delta?: {
    readonly displayName?: string | null
    readonly description?: string | null
    /** Merged into the stored ones: null removes a key. */
    readonly notes?: JsonObject
    readonly scratchpad?: Json
    readonly retainVersions?: number | null
  }
  readonly importerConfig?: JsonObject
  readonly distributorConfigs?: Readonly<Record<string, JsonObject>>
}
