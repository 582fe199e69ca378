import type { CatalogEntry, ContentCatalog, ContentSource, ContentSources } from '../../core/content-source.ts'
import type { Expected } from '../../core/digest.ts'
import { DeckleError, isUpstreamFault } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import { Slots } from '../../core/slots.ts'
import type { Upstream, UpstreamResponse } from '../../core/upstream.ts'
import { type IdleConnectionOptions, IdleConnections } from '../fetch/idle-connections.ts'
import type { Alternate, Alternates } from './alternates.ts'
import { SourceHealth } from './source-health.ts'

export interface AlternateSourcesOptions extends IdleConnectionOptions {
  readonly sources: ContentSources
  readonly catalog: Pick<ContentCatalog, 'find'>
  readonly log: Log
  /** The folder of the sources is read at most so often. */
  readonly lookMs?: number
}

/** Downloads from a source without a limit of its own. */
const mostAtOnce = 16

/**
 * Looks files up in the catalogs of the content sources and fetches them from there. A source that fails again and again is left out for
 * a while, so that it delays nobody.
 */
export class AlternateSources implements Alternates {
  readonly #options: AlternateSourcesOptions
  readonly #connections: IdleConnections
  readonly #health = new SourceHealth()
  readonly #slots = new Map<string, Slots>()
  #known: readonly ContentSource[] = []
  #looked = Number.NEGATIVE_INFINITY

  constructor(options: AlternateSourcesOptions) {
    this.#options = options
    this.#connections = new IdleConnections(options)
  }

  async find(files: readonly Expected[]): Promise<readonly (readonly Alternate[])[]> {
    const sources = (await this.#look()).filter(({ id, enabled }) => enabled && this.#health.isFit(id))
    const digests = sources.length === 0 ? [] : files.flatMap((file) => file.digests ?? [])
    const entries = digests.length === 0 ? [] : await this.#options.catalog.find(digests, sources)
    const byDigest = Map.groupBy(entries, ({ digest }) => `${digest.algorithm}:${digest.value}`)
    const rank = new Map(sources.map(({ id }, index) => [id, index]))
    return files.map((file) => {
      const found = (file.digests ?? []).flatMap(({ algorithm, value }) => byDigest.get(`${algorithm}:${value}`) ?? [])
      const fitting = found.filter((entry) => fits(entry, file))
      return fitting.toSorted((left, right) => (rank.get(left.sourceId) ?? 0) - (rank.get(right.sourceId) ?? 0))
    })
  }

  async download<T>(
    { sourceId, url }: Alternate,
    consume: (body: AsyncIterable<Uint8Array>, response: UpstreamResponse) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const source = this.#known.find(({ id }) => id === sourceId)
    if (source === undefined) throw leftOut(sourceId)
    return this.#slotsOf(source).run(async () => {
      // It may have failed for others while this one waited for its turn.
      if (!this.#health.isFit(sourceId)) throw leftOut(sourceId)
      try {
        const name = JSON.stringify([sourceId, source.upstream])
        const fetch = (upstream: Upstream) => upstream.download(url, consume, signal)
        const result = await this.#connections.use(name, () => source.upstream, fetch)
        this.#health.works(sourceId)
        return result
      } catch (error) {
        if (!signal.aborted && isUpstreamFault(error)) this.#failed(sourceId, url, error)
        throw error
      }
    }, signal)
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  #slotsOf({ id, upstream: { maxDownloads = mostAtOnce } }: ContentSource): Slots {
    const name = `${id} ${maxDownloads}`
    const slots = this.#slots.get(name) ?? new Slots(maxDownloads)
    this.#slots.set(name, slots)
    return slots
  }

  #failed(source: string, url: string, error: DeckleError): void {
    const { log } = this.#options
    const address = maskUrlPasswords(url.replace(/[?#].*/s, ''))
    log.warn('a content source failed', { source, url: address, reason: error.message })
    if (this.#health.fails(source)) log.warn('a content source is left out for a while', { source })
  }

  async #look(now = performance.now()): Promise<readonly ContentSource[]> {
    if (now - this.#looked < (this.#options.lookMs ?? 10_000)) return this.#known
    this.#looked = now
    this.#known = await this.#options.sources.list()
    return this.#known
  }
}

function leftOut(sourceId: string): DeckleError {
  return new DeckleError('upstream', `the content source ${sourceId} is left out`, { code: 'left_out' })
}

function fits(entry: CatalogEntry, { size }: Expected): boolean {
  return size === undefined || entry.size === undefined || entry.size === size
}
