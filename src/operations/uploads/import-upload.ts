import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { effectiveConfig, type Importer, type SyncEvent } from '../../core/importer.ts'
import { type JsonObject, toJsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryStore } from '../../core/repository.ts'
import type { VersionStore } from '../../core/repository-version.ts'
import type { NewTask, Task, TaskOutcome, TaskRun, TaskStore } from '../../core/task.ts'
import type { UnitReader } from '../../core/unit-reader.ts'
import type { UploadedUnits, UploadRun, UploadStore } from '../../core/upload.ts'
import type { Upstream } from '../../core/upstream.ts'
import { enqueueOne } from '../manage-services.ts'
import { SyncRecorder } from '../sync-recorder.ts'
import { SyncSession } from '../sync-session.ts'
import { objectArgument, textArgument } from '../task-arguments.ts'
import type { SpaceServices } from '../wait-for-space.ts'
import { knownUnit } from './known-unit.ts'
import { describeUpload, problemFailure, toUploadFailure } from './upload-outcome.ts'

export interface ImportUploadServices extends SpaceServices {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly versions: VersionStore
  readonly units: UnitReader
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly uploads: UploadStore
}

/** What a client asks to be made of an upload request. */
export interface ImportRequest {
  readonly upload: string
  readonly type: string
  readonly key: JsonObject
  readonly metadata: JsonObject
  readonly override: JsonObject
}

/** The name of the operation; upload requests that its open tasks name are not removed. */
export const importUploadOperation = 'import-upload'

/** The task that makes units of an upload request (pulp2-api §3.5, §3.6). */
export function importUploadTask(repositoryId: string, request: ImportRequest): NewTask {
  return {
    operation: importUploadOperation,
    arguments: { repository: repositoryId, ...request },
    tags: [`repository:${repositoryId}`, 'action:import_upload'],
    resources: [`repository:${repositoryId}`],
  }
}

/** Queues it; whether the repository is there is the task's business (pulp2-api §7). */
export function requestImportUpload(
  services: { readonly tasks: TaskStore },
  repositoryId: string,
  request: ImportRequest,
): Promise<Task> {
  return enqueueOne(services.tasks, importUploadTask(repositoryId, request))
}

/**
 * Puts what was uploaded into a repository, as a sync puts in what it finds: all of it or nothing. Result: what the importer says of
 * it. Throws `not-found` for the repository, its importer or the upload request, `invalid` for a type that the importer does not
 * take, and for a bad upload the plugin's own code or PLP0047 (pulp2-api §3.7).
 */
export async function importUpload(services: ImportUploadServices, task: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(task.task, 'repository')
  const type = textArgument(task.task, 'type')
  await services.repositories.get(repositoryId)
  const attached = await services.repositories.importer(repositoryId)
  if (attached === undefined) throw notFound({ repo_id: repositoryId })
  const importer = services.plugins.importer(attached.type)
  const upload = uploadOf(importer, type)
  const run = await openRun(services, task, importer, attached.config)
  let uploaded: UploadedUnits | undefined
  try {
    await store(
      services,
      task,
      importer,
      async function* () {
        uploaded = await upload(run)
        yield { units: uploaded.units }
      },
      () => uploaded?.unlinked !== true,
    )
  } catch (error) {
    throw toUploadFailure(error, importer, { repositoryId, type })
  }
  return { result: toJsonObject(describeUpload(importer, {})) }
}

function uploadOf(importer: Importer, type: string): NonNullable<Importer['upload']> {
  const { upload } = importer
  if (upload !== undefined && importer.contentTypes.includes(type)) return upload.bind(importer)
  throw invalid(`${importer.id} does not take uploads of the type ${type}`, ['unit_type_id'])
}

async function openRun(
  services: ImportUploadServices,
  { task, signal, log }: TaskRun,
  importer: Importer,
  stored: JsonObject,
): Promise<UploadRun<unknown>> {
  const repositoryId = textArgument(task, 'repository')
  return {
    repository: { id: repositoryId },
    config: importer.config.parse(effectiveConfig(stored, objectArgument(task, 'override'))),
    type: textArgument(task, 'type'),
    key: objectArgument(task, 'key'),
    metadata: objectArgument(task, 'metadata'),
    file: await services.uploads.open(textArgument(task, 'upload')),
    known: (type, key) => knownUnit(services, repositoryId, type, key),
    signal,
    log,
  }
}

async function store(
  services: ImportUploadServices,
  task: TaskRun,
  importer: Importer,
  events: () => AsyncIterable<SyncEvent>,
  links: () => boolean,
): Promise<void> {
  const { blobCatalog, blobs, space } = services
  // The progress of an upload is an empty object (pulp2-types §3).
  const recorder = new SyncRecorder(importer, () => undefined)
  const draft = await services.versions.open(textArgument(task.task, 'repository'), task.fence)
  const session = new SyncSession({
    events: events(),
    signal: task.signal,
    // Only what was uploaded is stored now: other files of the units may be fetched later, as after a sync on demand.
    policy: { removeMissing: false, download: 'on_demand' },
    draft,
    kept: () => undefined,
    upstream: nowhere,
    blobCatalog,
    blobs,
    space,
    recorder,
  })
  await session.fill()
  const [problem] = recorder.problems
  if (problem !== undefined) throw problemFailure(problem)
  if (links()) await session.commit()
  else await draft.abandon()
}

/** Nothing of an upload is fetched. */
const nowhere: Upstream = {
  download: async (url) => {
    throw new Error(`an upload fetches nothing, but was asked for ${url}`)
  },
  close: async () => undefined,
}
