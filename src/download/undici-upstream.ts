import { cancelled, DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { Slots } from '../core/slots.ts'
import type { Upstream, UpstreamResponse, UpstreamSettings } from '../core/upstream.ts'
import type { AddressGuard } from './address-guard.ts'
import type { Clock } from './clock.ts'
import { Connections, type Timeouts } from './connections.ts'
import type { FileFeed } from './file-feed.ts'
import { firstHop, type Hop, nextHop, parseUrl } from './hop.ts'
import { exchange, type HttpResponse } from './http-exchange.ts'
import { Patience } from './patience.ts'
import { redactUrl } from './redact-url.ts'
import { type Answer, ResumingBody } from './resuming-body.ts'
import { parseRetryAfter, type RetryPolicy } from './retry-policy.ts'
import { SpeedLimit } from './speed-limit.ts'
import { StartOver, statusFailure, TransferFailure, toTransferFailure } from './transfer-failure.ts'

const defaultDownloads = 16
const maxRedirects = 5

/** What all upstreams of a server share. */
export interface UpstreamContext {
  readonly userAgent: string
  readonly guard: AddressGuard
  readonly files: FileFeed
  readonly timeouts: Timeouts
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

type Consume<T> = (body: AsyncIterable<Uint8Array>, response: UpstreamResponse) => Promise<T>

/** An upstream over HTTP or below a local folder; one for a run. `close` cuts what is still open. */
export class UndiciUpstream implements Upstream {
  readonly #settings: UpstreamSettings
  readonly #context: UpstreamContext
  readonly #connections: Connections
  readonly #slots: Slots
  readonly #speedLimit: SpeedLimit | undefined

  constructor(settings: UpstreamSettings, context: UpstreamContext) {
    const { maxDownloads = defaultDownloads, maxSpeed } = settings
    this.#settings = settings
    this.#context = context
    this.#slots = new Slots(maxDownloads)
    this.#connections = new Connections(settings, context.guard, context.timeouts, maxDownloads)
    this.#speedLimit = maxSpeed === undefined ? undefined : new SpeedLimit(maxSpeed, context.clock)
  }

  async download<T>(text: string, consume: Consume<T>, signal: AbortSignal): Promise<T> {
    const url = parseUrl(text)
    return await this.#slots.run(() => {
      if (url.protocol === 'file:') return this.#readFile(url, consume, signal)
      return this.#insist(url, consume, signal)
    }, signal)
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  /** No upstream elsewhere leads to files of this machine (DESIGN §5). */
  async #readFile<T>(url: URL, consume: Consume<T>, signal: AbortSignal): Promise<T> {
    const { feed } = this.#settings
    if (feed === undefined || parseUrl(feed).protocol === 'file:') return this.#context.files.read(url, consume, signal)
    throw new DeckleError('upstream', `${url.href} is refused: only a file: feed may lead to files of this machine`, {
      code: 'address_refused',
    })
  }

  /** Tries again what broke on the way and could not be continued. */
  async #insist<T>(url: URL, consume: Consume<T>, signal: AbortSignal): Promise<T> {
    const patience = new Patience(this.#context)
    for (;;) {
      try {
        return await this.#attempt(url, consume, patience, signal)
      } catch (error) {
        if (!(error instanceof TransferFailure)) throw error
        if (!(error instanceof StartOver)) await patience.endure(error, signal)
        patience.startedOver()
      }
    }
  }

  async #attempt<T>(url: URL, consume: Consume<T>, patience: Patience, signal: AbortSignal): Promise<T> {
    const first = await this.#follow(url, {}, signal)
    const body = new ResumingBody(first, (headers) => this.#askAgain(url, headers, signal), patience, signal)
    try {
      if (first.response.status !== 200) throw this.#statusFailure(first)
      const throttled = this.#speedLimit?.throttle(body, signal) ?? body
      return await consume(throttled, toUpstreamResponse(first))
    } catch (error) {
      throw signal.aborted ? cancelled() : (body.failure ?? error)
    } finally {
      body.close()
    }
  }

  async #askAgain(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#follow(url, headers, signal)
    const failure = this.#statusFailure(answer)
    if (!failure.transient) return answer
    answer.response.body.close()
    throw failure
  }

  /** Goes where redirects lead. */
  async #follow(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    let hop = await firstHop(url, this.#settings, this.#context.guard)
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const response = await this.#send(hop, headers, signal)
      if (![301, 302, 303, 307, 308].includes(response.status)) return { hop, response }
      response.body.close()
      hop = await nextHop(hop, response.headers['location'], this.#context.guard)
    }
    throw new DeckleError('upstream', `${redactUrl(url.href)}: upstream redirects more than ${maxRedirects} times`, {
      code: 'too_many_redirects',
    })
  }

  async #send(hop: Hop, more: Record<string, string>, signal: AbortSignal): Promise<HttpResponse> {
    const { headers: headersTimeout, stall: bodyTimeout } = this.#context.timeouts
    const { origin, pathname } = hop.url
    const headers = { ...this.#headers(hop), ...more }
    const target = { origin, path: pathname + queryOf(hop, this.#settings.queryToken), method: 'GET', headers }
    try {
      return await exchange(this.#connections.to(hop), { ...target, headersTimeout, bodyTimeout }, signal)
    } catch (error) {
      if (signal.aborted) throw cancelled()
      throw toTransferFailure(error, redactUrl(hop.url.href), hop.byUpstream)
    }
  }

  /** The bytes are wanted as they lie on the server: digests are over those. */
  #headers(hop: Hop): Record<string, string> {
    const base = { 'user-agent': this.#context.userAgent, accept: '*/*', 'accept-encoding': 'identity' }
    if (hop.authorization === undefined || hop.url.origin !== hop.home) return base
    return { ...base, authorization: hop.authorization }
  }

  #statusFailure({ hop, response: { status, headers } }: Answer): TransferFailure {
    const retryAfter = parseRetryAfter(headers['retry-after'], this.#context.clock.now())
    return statusFailure(status, redactUrl(hop.url.href), retryAfter)
  }
}

/** A server that redirects to itself may have the token in the new address. */
function queryOf({ url: { search }, trusted }: Hop, token: string | undefined): string {
  if (token === undefined || !trusted || search.endsWith(token)) return search
  return search === '' ? `?${token}` : `${search}&${token}`
}

function toUpstreamResponse({ hop, response: { headers } }: Answer): UpstreamResponse {
  const length = headers['content-length']
  return { url: hop.url.href, headers, ...(length !== undefined && { size: Number(length) }) }
}
