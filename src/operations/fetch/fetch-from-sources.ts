import type { BlobStore, StagedBlob } from '../../core/blob-store.ts'
import type { DeferredFile, FileSource } from '../../core/deferred-file.ts'
import { isMismatch } from '../../core/digest.ts'
import { DeckleError, isUpstreamFault } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import { requireSpace, type SpaceGauge } from '../../core/space.ts'
import type { Alternates } from '../content-sources/alternates.ts'
import { whileThereIsSpace } from '../wait-for-space.ts'
import type { FailedSources } from './failed-sources.ts'
import type { FlightProgress } from './flight-progress.ts'
import type { SourceConnections } from './source-connections.ts'

export interface SourceServices {
  readonly blobs: BlobStore
  readonly space: SpaceGauge
  readonly connections: SourceConnections
  readonly alternates: Alternates
  readonly failed: FailedSources
  readonly log: Log
}

/**
 * Stages the verified bytes of a file from the first place that has them: content sources, then its own sources; `progress` hears of every
 * byte. Throws what the last source failed with (kind `upstream` or `invalid`), or at once what is our own fault.
 */
export async function fetchFromSources(
  services: SourceServices,
  file: DeferredFile,
  progress: FlightProgress,
  signal: AbortSignal,
): Promise<StagedBlob> {
  await requireSpace(services.space)
  let failure: unknown = new DeckleError('upstream', `no source is known for file ${file.key}`, { code: 'no_source' })
  for (const alternate of (await services.alternates.find([file.expected])).flat()) {
    try {
      const download: Download = (consume) => services.alternates.download(alternate, consume, signal)
      return await stageFrom(services, file, download, progress, signal)
    } catch (error) {
      if (signal.aborted || !isUpstreamFault(error)) throw error
      if (isMismatch(error)) progress.reject()
    }
  }
  for (const source of services.failed.sort(file.sources)) {
    try {
      const download: Download = (consume) =>
        services.connections.use(source, (upstream) => upstream.download(source.url, consume, signal))
      return await stageFrom(services, file, download, progress, signal)
    } catch (error) {
      if (signal.aborted || !isUpstreamFault(error)) throw error
      noteFailure(services, source, error, progress)
      failure = error
    }
  }
  throw failure
}

type Download = (consume: (body: AsyncIterable<Uint8Array>) => Promise<StagedBlob>) => Promise<StagedBlob>

function stageFrom(
  { blobs, space }: SourceServices,
  { expected }: DeferredFile,
  download: Download,
  progress: FlightProgress,
  signal: AbortSignal,
): Promise<StagedBlob> {
  const watcher = progress.watcher()
  return download((body) => blobs.stage(whileThereIsSpace(space, body), { expected, signal, watcher }))
}

function noteFailure(services: SourceServices, source: FileSource, error: DeckleError, progress: FlightProgress): void {
  services.failed.note(source, error)
  if (isMismatch(error)) progress.reject()
  const url = maskUrlPasswords(source.url.replace(/[?#].*/s, ''))
  services.log.warn('a source of a file failed', { url, reason: error.message })
}
