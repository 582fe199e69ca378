import { join } from 'node:path'
import { DiskSpace } from '../blobs/disk-space.ts'
import { FileBlobStore } from '../blobs/file-blob-store.ts'
import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { BlobSweeper } from '../core/blob-sweeper.ts'
import type { CertificateAuthority } from '../core/certificate.ts'
import type { ContentCatalog, ContentSources } from '../core/content-source.ts'
import type { DeferredFileStore } from '../core/deferred-file.ts'
import type { HistoryStore } from '../core/history.ts'
import type { Log } from '../core/log.ts'
import type { MetadataSigner } from '../core/metadata-signer.ts'
import type { Orphans } from '../core/orphans.ts'
import type { Plugins } from '../core/plugin.ts'
import type { PublicationStore } from '../core/publication.ts'
import type { RepositoryStore } from '../core/repository.ts'
import type { RepositoryGroupStore } from '../core/repository-group.ts'
import type { VersionStore } from '../core/repository-version.ts'
import type { ScheduleStore } from '../core/schedule.ts'
import { type SpaceGauge, spaceFault } from '../core/space.ts'
import type { UnitReader } from '../core/unit-reader.ts'
import type { UserStore } from '../core/user.ts'
import type { VersionHistory } from '../core/version-history.ts'
import { PostgresContentCatalog } from '../database/catalog/postgres-content-catalog.ts'
import { type OpenDatabase, openDatabase } from '../database/connection.ts'
import { chosenFolder } from '../database/embedded/placement.ts'
import { PostgresEventSink } from '../database/events/postgres-event-sink.ts'
import { PostgresDeferredFileStore } from '../database/files/postgres-deferred-file-store.ts'
import { PostgresRepositoryGroupStore } from '../database/groups/postgres-repository-group-store.ts'
import { PostgresHistoryStore } from '../database/history-store.ts'
import { databaseSpaceFault } from '../database/postgres-errors.ts'
import { PostgresPublicationStore } from '../database/publication-store.ts'
import { PostgresRepositoryStore } from '../database/repository-store.ts'
import { PostgresScheduleStore } from '../database/schedules/postgres-schedule-store.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { PostgresBlobSweeper } from '../database/space/postgres-blob-sweeper.ts'
import { PostgresOrphans } from '../database/space/postgres-orphans.ts'
import { PostgresAgentTasks } from '../database/tasks/postgres-agent-tasks.ts'
import type { PostgresTaskStore } from '../database/tasks/postgres-task-store.ts'
import { registerContentTypes } from '../database/units/content-type-ids.ts'
import { PostgresUnitReader } from '../database/units/postgres-unit-reader.ts'
import { PostgresUploadRequests } from '../database/uploads/postgres-upload-requests.ts'
import { PostgresUserStore } from '../database/users/postgres-user-store.ts'
import { PostgresVersionHistory } from '../database/versions/postgres-version-history.ts'
import { PostgresVersionStore } from '../database/versions/version-store.ts'
import { FileExportFolders } from '../exports/file-export-folders.ts'
import type { ManageServices } from '../operations/manage-services.ts'
import type { PublishServices } from '../operations/publish-repository.ts'
import { importUploadOperation } from '../operations/uploads/import-upload.ts'
import { FileContentSources } from '../sources/file-content-sources.ts'
import { FileUploadStore } from '../uploads/file-upload-store.ts'
import { authorityOf } from './authority.ts'
import type { Config } from './config.ts'
import { type ConsumerStores, consumerStores } from './consumer-stores.ts'
import { loadPlugins } from './load-plugins.ts'
import { LoggedTaskStore } from './logged-task-store.ts'
import { signerOf } from './signer.ts'

/** What both the server and its worker slots are made of. */
export interface Services extends ManageServices, Omit<PublishServices, 'openSpool'>, ConsumerStores {
  readonly bindings: ConsumerStores['bindings']
  readonly addresses: ConsumerStores['addresses']
  readonly opened: OpenDatabase
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly repositoryGroups: RepositoryGroupStore
  readonly versions: VersionStore
  readonly versionHistory: VersionHistory
  readonly publications: PublicationStore
  readonly histories: HistoryStore
  readonly contentSources: ContentSources
  readonly contentCatalog: ContentCatalog
  readonly schedules: ScheduleStore
  readonly users: UserStore
  readonly tasks: PostgresTaskStore
  readonly agentTasks: PostgresAgentTasks
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly blobSweeper: BlobSweeper
  readonly units: UnitReader
  readonly orphans: Orphans
  readonly uploads: FileUploadStore
  readonly deferredFiles: DeferredFileStore
  readonly space: SpaceGauge
  readonly authority: CertificateAuthority
  readonly signer: MetadataSigner
}

/** Wires the stores to one database and one blob folder. `connections` bounds the pool. The schema must be there. */
export async function compose(config: Config, databaseUrl: string, log: Log, connections: number): Promise<Services> {
  const opened = openDatabase(databaseUrl, log, connections)
  const { database, pool } = opened
  const known = await loadPlugins(config.plugins)
  const types = await registerContentTypes(database, known.contentTypes)
  const blobs = await FileBlobStore.open(blobFolder(config))
  const space = new DiskSpace({ folders: await diskFolders(config), floorBytes: config.freeSpaceFloor * 1024 ** 2 })
  return {
    opened,
    plugins: known,
    repositories: new PostgresRepositoryStore(database),
    repositoryGroups: new PostgresRepositoryGroupStore(database),
    versions: new PostgresVersionStore(database, pool, types),
    versionHistory: new PostgresVersionHistory(database, types),
    publications: new PostgresPublicationStore(database),
    histories: new PostgresHistoryStore(database),
    events: new PostgresEventSink(database),
    contentSources: new FileContentSources(config.contentSources, log),
    contentCatalog: new PostgresContentCatalog(database),
    schedules: new PostgresScheduleStore(database),
    users: new PostgresUserStore(database),
    tasks: new LoggedTaskStore(database, log),
    agentTasks: new PostgresAgentTasks(database),
    ...consumerStores(database),
    blobCatalog: new PostgresBlobCatalog(database),
    blobs,
    exports: new FileExportFolders(config.exportDirs),
    blobSweeper: new PostgresBlobSweeper({ database, blobs, graceSeconds: config.blobGrace }),
    units: new PostgresUnitReader(database, types),
    orphans: new PostgresOrphans({ database, types, graceSeconds: config.publicationGrace }),
    deferredFiles: new PostgresDeferredFileStore(database),
    uploads: openUploads(config, database, space),
    space,
    authority: authorityOf(config, database),
    signer: signerOf(config, database),
    outOfSpace: (error) => spaceFault(error) ?? databaseSpaceFault(error),
  }
}

/** Among the stored files, since all processes see those. */
function openUploads(config: Config, database: OpenDatabase['database'], space: SpaceGauge): FileUploadStore {
  return new FileUploadStore({
    folder: join(blobFolder(config), 'uploads'),
    requests: new PostgresUploadRequests({ database, importOperation: importUploadOperation }),
    maxBytes: config.uploadsMaxBytes,
    space,
  })
}

export function blobFolder(config: Config): string {
  return config.blobs ?? join(config.dataDir, 'blobs')
}

/** Where content and the embedded database take space. */
async function diskFolders(config: Config): Promise<readonly string[]> {
  return [blobFolder(config), config.dataDir, await chosenFolder(join(config.dataDir, 'postgres'))]
}

/** Temporary files of runs; on the machine's own disk. */
export function spoolFolder(config: Config): string {
  return join(config.dataDir, 'spool')
}
