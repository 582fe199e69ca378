import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after } from 'node:test'
import { cancelled } from '../core/errors.ts'
import type { Upstream, UpstreamResponse, UpstreamSettings } from '../core/upstream.ts'
import type { Clock } from '../download/clock.ts'
import { type DownloaderOptions, UndiciDownloader } from '../download/undici-downloader.ts'

/** A clock that jumps over every sleep and remembers it. */
export class JumpingClock implements Clock {
  readonly sleeps: number[] = []
  #now = Date.parse('2024-01-01T00:00:00Z')

  now(): number {
    return this.#now
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled()
    this.sleeps.push(milliseconds)
    this.#now += milliseconds
  }
}

/** An upstream connection that never really waits; closed when the test ends. */
export function connectUpstream(
  settings: UpstreamSettings = {},
  options: DownloaderOptions = {},
): { upstream: Upstream; clock: JumpingClock; get(url: string, signal?: AbortSignal): Promise<Buffer> } {
  const clock = new JumpingClock()
  const upstream = new UndiciDownloader({ clock, random: () => 1, ...options }).connect(settings)
  after(() => upstream.close())
  return { upstream, clock, get: (url, signal = neverAborts) => upstream.download(url, readAll, signal) }
}

export const neverAborts = new AbortController().signal

/** Reads a body whole. */
export const readAll = (body: AsyncIterable<Uint8Array>, _response?: UpstreamResponse): Promise<Buffer> =>
  buffer(Readable.from(body))
