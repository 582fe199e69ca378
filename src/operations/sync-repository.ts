import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { DeferredFileStore } from '../core/deferred-file.ts'
import { DeckleError, type ErrorReport, notFound, toErrorReport } from '../core/errors.ts'
import type { EventSink } from '../core/event.ts'
import type { HistoryStore, SyncHistoryEntry } from '../core/history.ts'
import { effectiveConfig, type Importer, type SyncPolicy, type SyncRun } from '../core/importer.ts'
import { type Json, type JsonObject, toJsonObject } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import type { RepositoryImporter, RepositoryStore } from '../core/repository.ts'
import type { VersionCommit, VersionStore } from '../core/repository-version.ts'
import type { Spool } from '../core/spool.ts'
import type { SyncDescription } from '../core/sync-progress.ts'
import { type NewTask, Postponed, type Task, type TaskOutcome, type TaskRun } from '../core/task.ts'
import type { Downloader } from '../core/upstream.ts'
import type { Alternates } from './content-sources/alternates.ts'
import { downloadTask } from './download-task.ts'
import { fetchDocument } from './fetch-document.ts'
import { heldUnits, memberUnits } from './held-units.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { publishTask } from './publish-repository.ts'
import { SyncRecorder } from './sync-recorder.ts'
import { SyncSession } from './sync-session.ts'
import { objectArgument, textArgument } from './task-arguments.ts'
import { type SpaceServices, toPostponed } from './wait-for-space.ts'

export interface SyncServices extends SpaceServices {
  readonly plugins: Plugins
  readonly repositories: RepositoryStore
  readonly versions: VersionStore
  readonly histories: HistoryStore
  readonly events: EventSink
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly deferredFiles: DeferredFileStore
  readonly downloader: Downloader
  readonly alternates: Alternates
  /** Temporary files for one run. */
  openSpool(): Spool
}

/** The task that syncs a repository with the config of its importer and these overrides. */
export function syncTask(repositoryId: string, override: JsonObject = {}): NewTask {
  return {
    operation: 'sync-repository',
    arguments: { repository: repositoryId, override },
    tags: [`repository:${repositoryId}`, 'action:sync'],
    resources: [`repository:${repositoryId}`],
  }
}

/** Queues a sync; throws kind `not-found` at once for a repository that is not there. */
export async function requestSync(services: ManageServices, repositoryId: string, override: JsonObject): Promise<Task> {
  await services.repositories.get(repositoryId)
  return enqueueOne(services.tasks, syncTask(repositoryId, override))
}

/**
 * Brings a repository up to what its upstream has. Result: `{ history }`. Queues a publish for each distributor that asks for it
 * after a success, and with the policy `background` a download of the files (pulp2-api §3.7).
 */
export async function syncRepository(services: SyncServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const attached = await services.repositories.importer(repositoryId)
  if (attached === undefined) throw notFound({ repo_id: repositoryId })
  const importer = services.plugins.importer(attached.type)
  const raw = effectiveConfig(attached.config, objectArgument(run.task, 'override'))
  const recorder = new SyncRecorder(importer, (report) => run.progress(report))
  const base = { repositoryId, importerType: importer.id, started: new Date() }
  await services.events.tell({ type: 'repo.sync.start', payload: { repositoryId } }, run.fence)
  let commit: VersionCommit
  let policy: SyncPolicy
  try {
    policy = importer.policy(importer.config.parse(raw))
    commit = await runImporter(services, run, { attached, importer, raw, policy, recorder })
  } catch (error) {
    const cause = toPostponed(services, error)
    await recordFailure(services.histories, run, base, recorder, cause)
    throw cause
  }
  const failed = importer.failedFilesFailTheRun && recorder.problems.length > 0
  const description = recorder.end(failed ? 'failed' : 'finished')
  const entry = await services.histories.addSync(
    {
      ...base,
      ...toCounts(commit),
      ...described(description),
      completed: new Date(),
      result: failed ? 'failed' : 'success',
      error: null,
    },
    run.fence,
  )
  if (failed) throw filesFailed(recorder)
  return { result: { history: toJsonObject(entry) }, spawn: await followUps(services, repositoryId, policy) }
}

interface Work {
  readonly attached: RepositoryImporter
  readonly importer: Importer
  readonly raw: JsonObject
  readonly policy: SyncPolicy
  readonly recorder: SyncRecorder
}

async function runImporter(services: SyncServices, task: TaskRun, work: Work): Promise<VersionCommit> {
  const { attached, importer, policy, recorder } = work
  const { repositoryId } = attached
  const config = importer.config.parse(work.raw)
  const draft = await services.versions.open(repositoryId, task.fence)
  const upstream = services.downloader.connect(importer.upstream(config))
  const spool = services.openSpool()
  let kept: Json | undefined
  try {
    const run: SyncRun<unknown> = {
      repository: { id: repositoryId },
      config,
      remembered: await remembered(services, repositoryId, policy),
      scratchpad: attached.scratchpad,
      keep: (scratchpad) => {
        kept = scratchpad
      },
      signal: task.signal,
      log: task.log,
      fetch: (request) => fetchDocument(upstream, spool, request, task.signal),
      scratch: () => spool.scratch(),
      held: (type) => heldUnits(services, repositoryId, draft.base.number, type),
      members: (type) => memberUnits(services, repositoryId, draft.base.number, type),
      part: (name, state, error) => recorder.part(name, state, error),
      expect: (type, units) => recorder.expect(type, units),
    }
    const session = new SyncSession({
      events: importer.sync(run),
      signal: task.signal,
      policy,
      draft,
      kept: () => kept,
      upstream,
      alternates: services.alternates,
      blobCatalog: services.blobCatalog,
      blobs: services.blobs,
      space: services.space,
      recorder,
    })
    return await session.run()
  } finally {
    await Promise.all([upstream.close(), spool.dispose()])
  }
}

/** With files to be fetched that are not there, an unchanged upstream is no reason to do nothing. */
async function remembered(
  { versions, deferredFiles }: SyncServices,
  repositoryId: string,
  policy: SyncPolicy,
): Promise<Json | undefined> {
  const last = await versions.remembered(repositoryId)
  if (last === undefined || policy.download !== 'immediate') return last
  return (await deferredFiles.hasMissing(repositoryId)) ? undefined : last
}

/** Publishes first: clients need not wait for the files. */
async function followUps(
  services: SyncServices,
  repositoryId: string,
  policy: SyncPolicy,
): Promise<readonly NewTask[]> {
  const distributors = await services.repositories.distributors(repositoryId)
  const publishes = distributors.filter(({ autoPublish }) => autoPublish).map(({ id }) => publishTask(repositoryId, id))
  return policy.download === 'background' ? [...publishes, downloadTask(repositoryId)] : publishes
}

function filesFailed(recorder: SyncRecorder): DeckleError {
  const names = recorder.problems.map((problem) => `${problem.name} (${problem.reason})`)
  const shown = names.slice(0, 5).join(', ')
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return new DeckleError('upstream', `${names.length} file(s) could not be fetched: ${shown}${more}`)
}

type Base = Pick<SyncHistoryEntry, 'repositoryId' | 'importerType' | 'started'>

/**
 * An upstream that fails in a way without a published code is a failed run with its report; everything else is an error without
 * one (pulp2-types §5.4, §7). A shutdown or a full disk is no end: the task will run again.
 */
async function recordFailure(
  histories: HistoryStore,
  run: TaskRun,
  base: Base,
  recorder: SyncRecorder,
  error: unknown,
): Promise<void> {
  const report = toErrorReport(error)
  const result = run.signal.aborted ? 'canceled' : isPlainUpstreamFailure(report) ? 'failed' : 'error'
  const description = recorder.end(result === 'canceled' ? 'cancelled' : 'failed', report.message)
  if (error instanceof Postponed || (run.signal.aborted && run.interrupted)) return
  const none = { added: null, updated: null, removed: null, summary: null, details: null }
  const counts = result !== 'error' && { added: 0, updated: 0, removed: 0, ...described(description) }
  await histories.addSync({ ...base, ...none, ...counts, completed: new Date(), result, error: report }, run.fence)
}

function isPlainUpstreamFailure(report: ErrorReport): boolean {
  const published = /^[A-Z]/.test(report.details.code ?? '')
  return (report.kind === 'upstream' && !published) || report.kind === 'internal'
}

function described(description: SyncDescription): Pick<SyncHistoryEntry, 'summary' | 'details'> {
  return { summary: description.summary, details: description.details }
}

function toCounts(commit: VersionCommit): Pick<SyncHistoryEntry, 'added' | 'updated' | 'removed'> {
  return { added: commit.added, updated: commit.updated, removed: commit.removed }
}
