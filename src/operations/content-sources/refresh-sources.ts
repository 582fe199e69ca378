import type { Cataloger } from '../../core/cataloger.ts'
import type {
  CatalogDraft,
  CatalogEntry,
  ContentCatalog,
  ContentSource,
  ContentSources,
} from '../../core/content-source.ts'
import { DeckleError, isUpstreamFault, notFound, toErrorReport } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { Spool } from '../../core/spool.ts'
import type { NewTask, Task, TaskOutcome, TaskRun, TaskStore } from '../../core/task.ts'
import type { Downloader, Upstream } from '../../core/upstream.ts'
import { fetchDocument } from '../fetch-document.ts'
import { enqueueOne } from '../manage-services.ts'

export interface RefreshServices {
  readonly plugins: Plugins
  readonly contentSources: ContentSources
  readonly contentCatalog: ContentCatalog
  readonly downloader: Downloader
  /** Temporary files for one run. */
  openSpool(): Spool
}

type RequestServices = Pick<RefreshServices, 'contentSources'> & { readonly tasks: TaskStore }

/** Rows that go into the catalog at a time. */
const batchEntries = 5_000

/** The task that reads the catalog of a source anew (pulp2-api §3.6). It reserves nothing. */
export function refreshSourceTask(sourceId: string): NewTask {
  return {
    operation: 'refresh-content-source',
    arguments: { sources: [sourceId] },
    tags: ['action:refresh_content_source', `content_source:${sourceId}`],
    resources: [],
  }
}

/** Throws kind `not-found` with `source_id`. */
export async function requestRefresh(services: RequestServices, sourceId: string): Promise<Task> {
  await findSource(services.contentSources, sourceId)
  return enqueueOne(services.tasks, refreshSourceTask(sourceId))
}

/** One task for all sources that are enabled. */
export async function requestRefreshOfAll({ contentSources, tasks }: RequestServices): Promise<Task> {
  const enabled = (await contentSources.list()).filter((source) => source.enabled)
  return enqueueOne(tasks, {
    operation: 'refresh-content-sources',
    arguments: { sources: enabled.map(({ id }) => id) },
    tags: ['action:refresh_all_content_sources', ...enabled.map(({ id }) => `content_source:${id}`)],
    resources: [],
  })
}

export async function findSource(sources: ContentSources, sourceId: string): Promise<ContentSource> {
  const source = (await sources.list()).find(({ id }) => id === sourceId)
  if (source === undefined) throw notFound({ source_id: sourceId })
  return source
}

/**
 * Task. Reads one source after the other; one that cannot be read keeps the catalog that it has, and makes the task an error once all are
 * done. Result: a report for each.
 */
export async function refreshSources(services: RefreshServices, run: TaskRun): Promise<TaskOutcome> {
  const { sources } = run.task.arguments
  const reports: JsonObject[] = []
  const failures: DeckleError[] = []
  for (const id of Array.isArray(sources) ? sources : []) {
    try {
      const source = await findSource(services.contentSources, String(id))
      const entries = await refresh(services, run, source)
      reports.push({ source_id: source.id, succeeded: true, url: urlsOf(source), added_count: entries, errors: [] })
    } catch (error) {
      if (run.signal.aborted || !isOfSource(error)) throw error
      run.log.warn('a content source cannot be read', { source: String(id), reason: error.message })
      failures.push(error)
    }
    run.progress({ content_sources: reports })
  }
  const [failure] = failures
  if (failure !== undefined) throw failure
  return { result: reports }
}

async function refresh(services: RefreshServices, run: TaskRun, source: ContentSource): Promise<number> {
  const cataloger = services.plugins.catalogers.find(({ id }) => id === source.type)
  if (cataloger === undefined) throw unreadable(source, `there is no cataloger ${source.type}`)
  const upstream = services.downloader.connect(source.upstream)
  const spool = services.openSpool()
  try {
    const draft = await services.contentCatalog.begin(source.id, run.fence)
    for (const baseUrl of source.baseUrls) await addEntries(draft, cataloger, { run, upstream, spool, baseUrl })
    return await draft.finish()
  } catch (error) {
    if (run.signal.aborted || !isUpstreamFault(error)) throw error
    throw unreadable(source, toErrorReport(error).message, error)
  } finally {
    await Promise.all([upstream.close(), spool.dispose()])
  }
}

interface Reading {
  readonly run: TaskRun
  readonly upstream: Upstream
  readonly spool: Spool
  readonly baseUrl: string
}

async function addEntries(draft: CatalogDraft, cataloger: Cataloger, reading: Reading): Promise<void> {
  const { run, upstream, spool, baseUrl } = reading
  const entries = cataloger.catalog({
    baseUrl,
    signal: run.signal,
    log: run.log,
    fetch: (request) => fetchDocument(upstream, spool, request, run.signal),
  })
  let batch: CatalogEntry[] = []
  for await (const some of entries) {
    batch.push(...some)
    if (batch.length < batchEntries) continue
    await draft.add(batch)
    batch = []
  }
  await draft.add(batch)
}

/** PLP0031 (pulp2-api §2.3). */
function unreadable(source: ContentSource, reason: string, cause?: unknown): DeckleError {
  const url = urlsOf(source)
  const message = `the content source ${source.id} at ${url} cannot be read: ${maskUrlPasswords(reason)}`
  return new DeckleError('upstream', message, { code: 'PLP0031', data: { id: source.id, url } }, { cause })
}

function isOfSource(error: unknown): error is DeckleError {
  return error instanceof DeckleError && (error.details.code === 'PLP0031' || error.kind === 'not-found')
}

function urlsOf({ upstream: { feed = '' } }: ContentSource): string {
  return maskUrlPasswords(feed)
}
