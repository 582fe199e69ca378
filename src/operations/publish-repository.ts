import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { Distributor } from '../core/distributor.ts'
import { DeckleError, toErrorReport } from '../core/errors.ts'
import type { EventSink } from '../core/event.ts'
import type { HistoryStore, PublishHistoryEntry } from '../core/history.ts'
import { type JsonObject, toJsonObject } from '../core/json.ts'
import type { MetadataSigner } from '../core/metadata-signer.ts'
import type { Plugins } from '../core/plugin.ts'
import type { PublicationStore } from '../core/publication.ts'
import type { RepositoryDistributor, RepositoryStore } from '../core/repository.ts'
import type { VersionStore } from '../core/repository-version.ts'
import type { ExportFolders } from '../core/safe-folder.ts'
import type { Spool } from '../core/spool.ts'
import { type NewTask, Postponed, type Task, type TaskOutcome, type TaskRun } from '../core/task.ts'
import { lacksFiles } from './lacks-files.ts'
import { makePublication } from './make-publication.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { planPublication, showsTheSame } from './plan-publication.ts'
import { PublishRecorder } from './publish-recorder.ts'
import { objectArgument, textArgument } from './task-arguments.ts'
import { type SpaceServices, toPostponed } from './wait-for-space.ts'

export interface PublishServices extends Pick<SpaceServices, 'outOfSpace'> {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly versions: VersionStore
  readonly publications: PublicationStore
  readonly histories: HistoryStore
  readonly events: EventSink
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly exports: ExportFolders
  /** Temporary files for one run. */
  openSpool(): Spool
  readonly signer: MetadataSigner
}

/** The task that publishes the latest version of a repository through one of its distributors. */
export function publishTask(repositoryId: string, distributorId: string, override: JsonObject = {}): NewTask {
  return {
    operation: 'publish-repository',
    arguments: { repository: repositoryId, distributor: distributorId, override },
    tags: [`repository:${repositoryId}`, 'action:publish'],
    resources: [`repository:${repositoryId}`],
  }
}

/** Queues a publish; throws kind `not-found` at once for a repository that is not there. */
export async function requestPublish(
  services: ManageServices,
  repositoryId: string,
  distributorId: string,
  override: JsonObject,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  return enqueueOne(services.tasks, publishTask(repositoryId, distributorId, override))
}

/**
 * Makes the latest version readable. Result: `{ history }`. Nothing is done when the live publication shows the same already, unless
 * files go to a folder, where anybody may have changed them.
 */
export async function publishRepository(services: PublishServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const attached = await services.repositories.distributor(repositoryId, textArgument(run.task, 'distributor'))
  const distributor = services.plugins.distributor(attached.type)
  const recorder = new PublishRecorder(distributor, attached.id, (report) => run.progress(report))
  const base = {
    repositoryId,
    distributorId: attached.id,
    distributorType: attached.type,
    started: new Date(),
  }
  const began = { type: 'repo.publish.start', payload: { repositoryId, distributorId: attached.id } } as const
  await services.events.tell(began, run.fence)
  try {
    const outcome = await publish(services, run, { attached, distributor, recorder })
    const entry = await services.histories.addPublish(
      { ...base, ...outcome, completed: new Date(), error: null },
      run.fence,
    )
    return { result: { history: toJsonObject(entry) } }
  } catch (thrown) {
    const error = toPostponed(services, thrown)
    const report = toErrorReport(error)
    const description = recorder.end(run.signal.aborted ? 'cancelled' : 'failed', report.message)
    if (!run.interrupted && !(error instanceof Postponed)) {
      const { summary, details } = description
      const end = { completed: new Date(), result: 'error', error: report } as const
      await services.histories.addPublish({ ...base, summary, details, ...end }, run.fence)
    }
    throw error
  }
}

interface Work {
  readonly attached: RepositoryDistributor
  readonly distributor: Distributor
  readonly recorder: PublishRecorder
}

async function publish(
  services: PublishServices,
  run: TaskRun,
  { attached, distributor, recorder }: Work,
): Promise<Pick<PublishHistoryEntry, 'result' | 'summary' | 'details'>> {
  const version = await services.versions.latest(attached.repositoryId)
  const override = objectArgument(run.task, 'override')
  const { config, wanted, delivers } = await planPublication(services, attached, distributor, version, override)
  const taken = distributor.takesFiles?.(config) ?? []
  const { repositoryId: id } = attached
  if (await lacksFiles(services.repositories, { id, counts: version.counts }, taken)) throw notDownloaded(id)
  const live = await services.publications.live(wanted.distributorKey)
  if (!delivers && showsTheSame(live, wanted)) {
    recorder.end('finished')
    return { result: 'skipped', summary: 'Nothing has changed since the last publish', details: null }
  }
  await makePublication(services, run, { attached, distributor, config, version, wanted, delivers, live, recorder })
  const { summary, details } = recorder.end('finished')
  return { result: 'success', summary, details }
}

/** pulp2-api §2.3. */
function notDownloaded(id: string): DeckleError {
  const message = `files of ${id} are not stored: download them first (actions/download/)`
  return new DeckleError('conflict', message, { code: 'PLP0045' })
}
