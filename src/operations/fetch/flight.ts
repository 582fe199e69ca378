import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { StagedBlob } from '../../core/blob-store.ts'
import type { DeferredFileStore, LeaseAnswer } from '../../core/deferred-file.ts'
import type { Measured } from '../../core/digest.ts'
import { cancelled, notFound } from '../../core/errors.ts'
import type { Slots } from '../../core/slots.ts'
import { fetchFromSources, type SourceServices } from './fetch-from-sources.ts'
import type { FlightProgress } from './flight-progress.ts'
import { keepLease } from './keep-lease.ts'

/** Milliseconds. */
export interface FlightTiming {
  /** Between two renewals of our lease, which holds for 5 s. */
  readonly renewMs: number
  /** Between two looks at another process's lease. */
  readonly pollMs: number
  /** Between two looks at what another process has received. */
  readonly tickMs: number
}

export interface FlightServices extends SourceServices {
  readonly deferredFiles: DeferredFileStore
  readonly blobCatalog: BlobCatalog
  /** Fetches of this process at a time. */
  readonly slots: Slots
  readonly timing: FlightTiming
}

/**
 * Gets one file stored: fetches it, or follows the process that does and takes over when that one fails or dies. Nobody's request
 * is waited on, and nobody's leaving ends it.
 */
export class Flight {
  readonly #services: FlightServices
  readonly #key: number
  readonly #progress: FlightProgress
  readonly #signal: AbortSignal

  constructor(services: FlightServices, key: number, progress: FlightProgress, signal: AbortSignal) {
    this.#services = services
    this.#key = key
    this.#progress = progress
    this.#signal = signal
  }

  /** Throws what the last source failed with, kind `not-found` when there is no such file any more, kind `cancelled` after an abort. */
  async run(): Promise<Measured> {
    for (;;) {
      // Our turn first, then the lease: whoever waits with a lease keeps others from the file.
      const blob = (await this.#turn(() => this.#begin())) ?? (await this.#follow())
      if (blob !== undefined) return blob
    }
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#services.slots.run(work, this.#signal)
  }

  /** Fetches the file unless another process does: then undefined. */
  async #begin(): Promise<Measured | undefined> {
    const holder = randomUUID()
    const answer = await this.#lease(holder)
    if (answer.state === 'taken') return this.#lead(holder, (work) => work())
    return answer.state === 'stored' ? answer.blob : undefined
  }

  /** Follows another process for as long as it fetches, then takes over. Undefined when our own lease was lost. */
  async #follow(): Promise<Measured | undefined> {
    const holder = randomUUID()
    for (;;) {
      const answer = await this.#lease(holder)
      if (answer.state === 'stored') return answer.blob
      if (answer.state === 'taken') return this.#lead(holder, (work) => this.#turn(work))
      this.#progress.show(answer.handle ?? undefined)
      await this.#tick()
    }
  }

  async #lease(holder: string): Promise<Exclude<LeaseAnswer, { state: 'gone' }>> {
    if (this.#signal.aborted) throw cancelled()
    const answer = await this.#services.deferredFiles.lease(this.#key, holder)
    if (answer.state === 'gone') throw notFound({ file: String(this.#key) })
    return answer
  }

  /** Lets readers look for new bytes until it is time to look at the lease again. */
  async #tick(): Promise<void> {
    const { tickMs, pollMs } = this.#services.timing
    const until = performance.now() + pollMs
    while (performance.now() < until && !this.#signal.aborted) {
      await pause(tickMs)
      this.#progress.changed()
    }
  }

  /** Fetches, when it is our turn, under our lease. Undefined when that was lost. */
  async #lead(holder: string, turn: (work: () => Promise<Measured>) => Promise<Measured>) {
    const { deferredFiles, timing, log } = this.#services
    this.#progress.show(undefined)
    const renew = (handle: string | null) => deferredFiles.renew(this.#key, holder, handle)
    const lease = keepLease({ renew, progress: this.#progress, everyMs: timing.renewMs, log })
    const signal = AbortSignal.any([this.#signal, lease.lost])
    try {
      return await turn(() => this.#fetch(holder, signal))
    } catch (error) {
      if (lease.lost.aborted && !this.#signal.aborted) return undefined
      throw error
    } finally {
      lease.stop()
      // Only what failed still has it; a database that is away lets it run out.
      await deferredFiles.release(this.#key, holder).catch(() => undefined)
    }
  }

  async #fetch(holder: string, signal: AbortSignal): Promise<Measured> {
    const file = await this.#services.deferredFiles.get(this.#key)
    if (file === undefined) throw notFound({ file: String(this.#key) })
    const staged = await fetchFromSources(this.#services, file, this.#progress, signal)
    return this.#store(holder, staged)
  }

  /** In this order: a deletion cannot come between, and nothing is called stored before it is durable. */
  async #store(holder: string, staged: StagedBlob): Promise<Measured> {
    const { deferredFiles, blobCatalog, blobs } = this.#services
    const blob = { sha256: staged.sha256, size: staged.size }
    try {
      await blobCatalog.reserve([blob])
      // What lies there under this name was not called stored: it may be damaged.
      await blobs.commit([staged], { replace: true })
      await deferredFiles.complete(this.#key, holder, blob)
    } catch (error) {
      await blobs.discard([staged])
      throw error
    }
    return blob
  }
}
