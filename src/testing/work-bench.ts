import { FileBlobStore } from '../blobs/file-blob-store.ts'
import { RunSpool } from '../blobs/spool.ts'
import type { JsonObject } from '../core/json.ts'
import { silentLog } from '../core/log.ts'
import { Plugins } from '../core/plugin.ts'
import { spaceFault } from '../core/space.ts'
import type { NewTask, TaskOutcome, TaskRun } from '../core/task.ts'
import { PostgresApplicabilityStore } from '../database/applicability/postgres-applicability-store.ts'
import { PostgresContentCatalog } from '../database/catalog/postgres-content-catalog.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresBindingStore } from '../database/consumers/postgres-binding-store.ts'
import { PostgresEventSink } from '../database/events/postgres-event-sink.ts'
import { PostgresDeferredFileStore } from '../database/files/postgres-deferred-file-store.ts'
import { PostgresRepositoryGroupStore } from '../database/groups/postgres-repository-group-store.ts'
import { PostgresHistoryStore } from '../database/history-store.ts'
import { PostgresPublicationStore } from '../database/publication-store.ts'
import { PostgresRepositoryStore } from '../database/repository-store.ts'
import { PostgresServerAddresses } from '../database/server-addresses.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { PostgresOrphans } from '../database/space/postgres-orphans.ts'
import { PostgresTaskStore } from '../database/tasks/postgres-task-store.ts'
import { registerContentTypes } from '../database/units/content-type-ids.ts'
import { PostgresUnitReader } from '../database/units/postgres-unit-reader.ts'
import { PostgresUploadRequests } from '../database/uploads/postgres-upload-requests.ts'
import { PostgresVersionStore } from '../database/versions/version-store.ts'
import { UndiciDownloader } from '../download/undici-downloader.ts'
import { FileExportFolders } from '../exports/file-export-folders.ts'
import { noAlternates } from '../operations/content-sources/alternates.ts'
import { FileFetcher } from '../operations/fetch/file-fetcher.ts'
import { type TaskServices, taskOperations } from '../operations/task-operations.ts'
import { importUploadOperation } from '../operations/uploads/import-upload.ts'
import { plugins } from '../plugins/index.ts'
import { FileUploadStore } from '../uploads/file-upload-store.ts'
import { runningTask } from './fences.ts'
import { memorySigner } from './memory-signer.ts'

export interface WorkBench {
  readonly opened: OpenDatabase
  readonly services: TaskServices
  /** Runs a task's operation here and now, as a worker would; what it would spawn comes back with its outcome. */
  run(task: NewTask, signal?: AbortSignal): Promise<TaskOutcome & { readonly progress: JsonObject }>
}

/** The real parts around operations, on one database and one folder, without worker processes; `instead` replaces some. */
export async function openWorkBench(
  opened: OpenDatabase,
  folder: string,
  instead: Partial<WorkBench['services']> = {},
): Promise<WorkBench> {
  const { database, pool } = opened
  const known = instead.plugins ?? new Plugins(plugins)
  const types = await registerContentTypes(database, known.contentTypes)
  const deferredFiles = new PostgresDeferredFileStore(database)
  const blobCatalog = new PostgresBlobCatalog(database)
  const blobs = await FileBlobStore.open(`${folder}/blobs`)
  const downloader = new UndiciDownloader({ retry: { attempts: 1 } })
  const openDownloader = async () => downloader
  const space = { shortage: async () => undefined }
  const fetching = {
    plugins: known,
    deferredFiles,
    blobCatalog,
    blobs,
    space,
    openDownloader,
    log: silentLog,
    ...instead,
  }
  const services: TaskServices = {
    plugins: known,
    repositories: new PostgresRepositoryStore(database),
    bindings: new PostgresBindingStore(database),
    addresses: new PostgresServerAddresses(database),
    applicability: new PostgresApplicabilityStore(database),
    repositoryGroups: new PostgresRepositoryGroupStore(database),
    versions: new PostgresVersionStore(database, pool, types),
    publications: new PostgresPublicationStore(database),
    units: new PostgresUnitReader(database, types),
    uploads: new FileUploadStore({
      folder: `${folder}/uploads`,
      requests: new PostgresUploadRequests({ database, importOperation: importUploadOperation }),
      maxBytes: 1024 ** 3,
      space,
    }),
    orphans: new PostgresOrphans({ database, types, graceSeconds: 3600 }),
    histories: new PostgresHistoryStore(database),
    events: new PostgresEventSink(database),
    contentSources: { list: async () => [] },
    contentCatalog: new PostgresContentCatalog(database),
    alternates: noAlternates,
    tasks: new PostgresTaskStore(database),
    blobCatalog,
    blobs,
    exports: new FileExportFolders([`${folder}/exports`]),
    signer: memorySigner(),
    deferredFiles,
    downloader,
    fetcher: new FileFetcher(fetching, { idleMs: 10 }),
    openSpool: () => new RunSpool(`${folder}/spool`),
    space,
    outOfSpace: spaceFault,
    ...instead,
  }
  const operations = taskOperations(services)
  return {
    opened,
    services,
    async run(task, signal = new AbortController().signal) {
      const fence = await runningTask(database)
      let progress: JsonObject = {}
      const run: TaskRun = {
        task: { ...emptyTask, ...task },
        fence,
        signal,
        interrupted: false,
        log: silentLog,
        progress: (report) => {
          progress = report
        },
      }
      const operation = operations[task.operation]
      if (operation === undefined) throw new Error(`there is no operation ${task.operation}`)
      return { ...(await operation(run)), progress }
    },
  }
}

const emptyTask = {
  key: 0,
  id: '00000000-0000-0000-0000-000000000000',
  state: 'running',
  created: new Date(0),
  started: null,
  finished: null,
  worker: null,
  agent: null,
  attempt: 1,
  progress: {},
  waitingReason: null,
  result: null,
  error: null,
  spawned: [],
} as const
