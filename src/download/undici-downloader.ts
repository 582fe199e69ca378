import { type Log, silentLog } from '../core/log.ts'
import type { Downloader, Upstream, UpstreamSettings } from '../core/upstream.ts'
import { AddressGuard, type Resolve, systemResolve } from './address-guard.ts'
import { AddressRules } from './address-rules.ts'
import { type AddressScope, addressScope } from './address-scope.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Timeouts } from './connections.ts'
import { FileFeed } from './file-feed.ts'
import { defaultRetryPolicy, type RetryPolicy } from './retry-policy.ts'
import { UndiciUpstream, type UpstreamContext } from './undici-upstream.ts'

const defaultTimeouts: Timeouts = { connect: 10_000, headers: 60_000, stall: 60_000 }

export interface DownloaderOptions {
  /** Sent as `User-Agent`: `Deckle/1.0`. */
  readonly userAgent?: string
  /** Hosts, addresses and networks that no address rule refuses: the setting DECKLE_UPSTREAM_ALLOW. */
  readonly allow?: readonly string[]
  /** Folders that `file:` feeds may read: the setting DECKLE_FEED_DIRS. */
  readonly feedFolders?: readonly string[]
  readonly log?: Log
  readonly timeouts?: Partial<Timeouts>
  readonly retry?: Partial<RetryPolicy>
  readonly clock?: Clock
  readonly random?: () => number
  readonly resolve?: Resolve
  readonly addressScope?: (address: string) => AddressScope
}

/** The upstream client of a server, over undici. Throws kind `invalid` for an entry of `allow` that means nothing. */
export class UndiciDownloader implements Downloader {
  readonly #context: UpstreamContext

  constructor(options: DownloaderOptions = {}) {
    const rules = new AddressRules(options.allow ?? [], options.addressScope ?? addressScope)
    this.#context = {
      userAgent: options.userAgent ?? 'Deckle',
      guard: new AddressGuard(rules, options.resolve ?? systemResolve),
      files: new FileFeed(options.feedFolders ?? []),
      timeouts: { ...defaultTimeouts, ...options.timeouts },
      retry: { ...defaultRetryPolicy, ...options.retry },
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      log: options.log ?? silentLog,
    }
  }

  connect(settings: UpstreamSettings): Upstream {
    return new UndiciUpstream(settings, this.#context)
  }
}
