import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { BlobStore } from '../../core/blob-store.ts'
import type { DeferredFileStore } from '../../core/deferred-file.ts'
import type { Measured } from '../../core/digest.ts'
import { cancelled } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Plugins } from '../../core/plugin.ts'
import { Slots } from '../../core/slots.ts'
import type { SpaceGauge } from '../../core/space.ts'
import type { Downloader } from '../../core/upstream.ts'
import { type Alternates, noAlternates } from '../content-sources/alternates.ts'
import { FailedSources } from './failed-sources.ts'
import { Flight, type FlightServices, type FlightTiming } from './flight.ts'
import { FlightProgress } from './flight-progress.ts'
import { SourceConnections } from './source-connections.ts'

export interface FileFetcherServices {
  readonly plugins: Plugins
  readonly deferredFiles: DeferredFileStore
  readonly blobCatalog: BlobCatalog
  readonly blobs: BlobStore
  /** At its floor nothing is fetched. */
  readonly space: SpaceGauge
  /** Called with the first fetch. */
  readonly openDownloader: () => Promise<Downloader>
  /** None when absent. */
  readonly alternates?: Alternates
  readonly log: Log
}

/** Milliseconds, but for `flights`. */
export interface FileFetcherLimits extends FlightTiming {
  /** Fetches at a time; more wait. */
  readonly flights: number
  /** A source that failed is tried last for so long. */
  readonly failedMs: number
  /** An idle connection to an upstream is kept for so long. */
  readonly idleMs: number
  /** `close` waits so long for fetches to end. */
  readonly closeMs: number
}

const defaults: FileFetcherLimits = {
  renewMs: 1_500,
  pollMs: 500,
  tickMs: 75,
  flights: 64,
  failedMs: 30_000,
  idleMs: 60_000,
  closeMs: 2_000,
}

/** A fetch in this process, and who wants it. */
interface Entry {
  readonly fileKey: number
  readonly progress: FlightProgress
  readonly abort: AbortController
  readonly ended: Promise<void>
  /** Somebody asked who may leave without ending it. */
  kept: boolean
  /** Calls of `fetch` that wait for it. */
  waiting: number
}

/**
 * Gets files stored that are known and not there, one fetch a file among all processes (DESIGN §4, "Download policies"). A fetch
 * belongs to the server, not to who asked first; it ends with the file or with `close`.
 */
export class FileFetcher {
  readonly #services: FlightServices
  readonly #closeMs: number
  /** Those that can be joined. */
  readonly #entries = new Map<number, Entry>()
  /** All of them, also those that are being ended since nobody wants them any more. */
  readonly #flights = new Set<Promise<void>>()
  readonly #closed = new AbortController()

  constructor(services: FileFetcherServices, limits: Partial<FileFetcherLimits> = {}) {
    const { flights, failedMs, idleMs, closeMs, ...timing } = { ...defaults, ...limits }
    this.#closeMs = closeMs
    this.#services = {
      ...services,
      alternates: services.alternates ?? noAlternates,
      timing,
      slots: new Slots(flights),
      failed: new FailedSources(failedMs),
      connections: new SourceConnections({ ...services, idleMs }),
    }
  }

  /** Joins the fetch of a file, or starts it. It goes on when nobody looks any more. */
  open(fileKey: number): FlightProgress {
    const entry = this.#entries.get(fileKey) ?? this.#start(fileKey)
    entry.kept = true
    return entry.progress
  }

  /**
   * Resolves when the file is stored. Throws what the last source failed with (kind `upstream`, `invalid`), kind `not-found` for a
   * file that is no longer known, kind `cancelled` when `signal` aborts: then the fetch ends too, unless others want it.
   */
  fetch(fileKey: number, { signal }: { readonly signal: AbortSignal }): Promise<Measured> {
    return this.#join(this.#entries.get(fileKey) ?? this.#start(fileKey), signal)
  }

  /** Ends all fetches and gives their leases back; waits a moment for that. */
  async close(): Promise<void> {
    this.#closed.abort()
    const ended = Promise.all(this.#flights)
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, this.#closeMs)
    await Promise.race([ended, late.promise])
    clearTimeout(timer)
    await Promise.all([this.#services.connections.close(), this.#services.alternates.close()])
  }

  #start(fileKey: number): Entry {
    const progress = new FlightProgress()
    const abort = new AbortController()
    const signal = AbortSignal.any([abort.signal, this.#closed.signal])
    const ended = new Flight(this.#services, fileKey, progress, signal)
      .run()
      .then(
        (blob) => ({ kind: 'stored', blob }) as const,
        (error: unknown) => ({ kind: 'failed', error }) as const,
      )
      .then((outcome) => {
        this.#forget(entry)
        this.#flights.delete(ended)
        progress.end(outcome)
      })
    const entry: Entry = { fileKey, progress, abort, ended, kept: false, waiting: 0 }
    this.#entries.set(fileKey, entry)
    this.#flights.add(ended)
    return entry
  }

  async #join(entry: Entry, signal: AbortSignal): Promise<Measured> {
    const left = Promise.withResolvers<void>()
    const leave = () => left.resolve()
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    entry.waiting += 1
    await Promise.race([entry.ended, left.promise])
    signal.removeEventListener('abort', leave)
    entry.waiting -= 1
    const { outcome } = entry.progress
    if (outcome?.kind === 'stored') return outcome.blob
    if (outcome?.kind === 'failed') throw outcome.error
    if (entry.waiting === 0 && !entry.kept) {
      this.#forget(entry)
      entry.abort.abort()
    }
    throw cancelled()
  }

  /** Whoever wants the file from now on starts anew; another one may have done so already. */
  #forget(entry: Entry): void {
    if (this.#entries.get(entry.fileKey) === entry) this.#entries.delete(entry.fileKey)
  }
}
