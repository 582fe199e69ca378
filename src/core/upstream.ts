import type { Readable } from 'node:stream'
import type { Expected, Measured } from './digest.ts'

/** How an importer wants its upstream to be spoken to. Absent means the server's default. */
export interface UpstreamSettings {
  /**
   * URL of the upstream itself. Basic auth and client certificate are for its origin only, and what lies elsewhere is treated
   * as led to by it. Absent: they are for the origin of every URL asked for (never for where a redirect leads).
   */
  readonly feed?: string
  /** Files fetched side by side. */
  readonly maxDownloads?: number
  readonly basicAuth?: { readonly username: string; readonly password: string }
  /** Added to the query of each request to the origin that basic auth is for. */
  readonly queryToken?: string
  readonly proxy?: {
    readonly host: string
    readonly port?: number
    readonly username?: string
    readonly password?: string
  }
  readonly tls?: {
    readonly verify: boolean
    readonly ca?: string
    readonly certificate?: string
    readonly key?: string
  }
  /** Bytes per second over all connections. */
  readonly maxSpeed?: number
}

/** What came back for a URL, before its bytes. */
export interface UpstreamResponse {
  /** After redirects. */
  readonly url: string
  /** Bytes as announced, if announced. */
  readonly size?: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * One importer's connection to where its content comes from: pool, retries, limits.
 * Errors are kind `upstream` (code `http_status` with data `{ status }`, or `unreachable`, `stalled`, `too_many_redirects` …),
 * `invalid` for a URL that is not allowed, `cancelled` after an abort.
 */
export interface Upstream {
  /**
   * Fetches `url` and hands its body to `consume`. A broken transfer goes on where it broke, unseen by `consume`, if upstream
   * vouches that the bytes are still the same (RFC 9110 §13.1.5). Else it is tried again with a fresh body, so `consume` must be
   * restartable: it throws when the iteration throws and leaves nothing behind. What `consume` throws by itself is not retried.
   * `response` is that of the first answer, also for a body that several answers brought.
   */
  download<T>(
    url: string,
    consume: (body: AsyncIterable<Uint8Array>, response: UpstreamResponse) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>
  close(): Promise<void>
}

/** Makes upstream connections; one a server. */
export interface Downloader {
  connect(settings: UpstreamSettings): Upstream
}

/** A metadata file that was fetched whole, verified, and can be read as often as needed until the run ends. */
export interface FetchedDocument extends Measured {
  /** After redirects. */
  readonly url: string
  read(): Readable
}

export interface DocumentRequest {
  readonly url: string
  readonly expected?: Expected
  /** Bytes; more is an error. Default 4 GiB. */
  readonly maxBytes?: number
}
