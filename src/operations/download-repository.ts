import { randomUUID } from 'node:crypto'
import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { BlobStore } from '../core/blob-store.ts'
import type { DeferredFileStore, RepositoryFile } from '../core/deferred-file.ts'
import { DeckleError, isUpstreamFault } from '../core/errors.ts'
import type { Task, TaskOutcome, TaskRun } from '../core/task.ts'
import { DownloadRecorder } from './download-recorder.ts'
import { downloadTask } from './download-task.ts'
import type { FileFetcher } from './fetch/file-fetcher.ts'
import { enqueueOne, type ManageServices } from './manage-services.ts'
import { isWholeBlob } from './read-whole-blob.ts'
import { sideBySide } from './side-by-side.ts'
import { textArgument } from './task-arguments.ts'

export interface DownloadServices {
  readonly deferredFiles: DeferredFileStore
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  readonly fetcher: Pick<FileFetcher, 'fetch'>
}

/** Files that are worked on at a time; each upstream has a limit of its own besides. */
const lanes = 16

/** Queues a download; throws kind `not-found` at once for a repository that is not there. */
export async function requestDownload(
  services: ManageServices,
  repositoryId: string,
  verifyAll: boolean,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  return enqueueOne(services.tasks, downloadTask(repositoryId, verifyAll))
}

/**
 * Fetches what the latest version of a repository lacks. With `verify`, all that is stored is read too: what is damaged or lost is
 * fetched again and put in its place. What cannot be had is counted and named in the report; the task ends well all the same
 * (pulp2-types §4.4).
 */
export async function downloadRepository(services: DownloadServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const verifyAll = run.task.arguments['verify'] === true
  const files = () => services.deferredFiles.ofRepository(repositoryId, verifyAll ? 'all' : 'missing')
  const recorder = new DownloadRecorder(await count(files(), run.signal), (report) => run.progress(report))
  const work: Work = { ...services, verifyAll, signal: run.signal }
  try {
    await sideBySide(files(), lanes, (file) => record(work, file, recorder))
    run.signal.throwIfAborted()
  } catch (error) {
    recorder.end(run.signal.aborted ? 'cancelled' : 'failed')
    throw error
  }
  recorder.end('finished')
  return {}
}

interface Work extends DownloadServices {
  readonly verifyAll: boolean
  readonly signal: AbortSignal
}

async function count(files: AsyncIterable<unknown>, signal: AbortSignal): Promise<number> {
  let total = 0
  for await (const _ of files) {
    signal.throwIfAborted()
    total += 1
  }
  return total
}

async function record(work: Work, file: RepositoryFile, recorder: DownloadRecorder): Promise<void> {
  work.signal.throwIfAborted()
  try {
    await ensureStored(work, file)
    recorder.done()
  } catch (error) {
    if (work.signal.aborted || !isUpstreamFault(error)) throw error
    recorder.failed(file.path, error.message)
  }
}

async function ensureStored(work: Work, file: RepositoryFile): Promise<void> {
  const { blobs, deferredFiles, fetcher, signal, verifyAll } = work
  if (verifyAll && file.stored !== null) {
    if (await isWholeBlob(blobs, file.stored, signal)) return
    // From now on whoever asks for it waits for good bytes.
    await deferredFiles.forget(file.stored.sha256)
  } else if (verifyAll && (await isFoundAgain(work, file.key))) {
    return
  }
  try {
    await fetcher.fetch(file.key, { signal })
  } catch (error) {
    // No unit has it any more, or it turned out to be the same as another file, which is stored.
    if (!(error instanceof DeckleError && error.kind === 'not-found')) throw error
  }
}

/** Bytes that were forgotten, because they could not be read, and that are there after all: a disk was away. */
async function isFoundAgain({ deferredFiles, blobs, blobCatalog, signal }: Work, key: number): Promise<boolean> {
  const file = await deferredFiles.get(key)
  const sha256 = file?.expected.digests?.find(({ algorithm }) => algorithm === 'sha256')?.value
  const size = sha256 === undefined ? undefined : await blobs.size(sha256)
  if (sha256 === undefined || size === undefined) return false
  const blob = { sha256, size }
  await blobCatalog.reserve([blob])
  if (!(await isWholeBlob(blobs, blob, signal))) return false
  await deferredFiles.complete(key, randomUUID(), blob)
  return true
}
