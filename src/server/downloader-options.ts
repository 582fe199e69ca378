import type { Log } from '../core/log.ts'
import type { DownloaderOptions } from '../download/undici-downloader.ts'
import { sampleFolder } from '../places/package-root.ts'
import type { Config } from './config.ts'
import { version } from './version.ts'

/**
 * Less patient than a sync: somebody waits who may go elsewhere, package managers after 30 s of silence. What one attempt misses
 * the next source or the client's next one gets.
 */
export const impatience = {
  timeouts: { connect: 5_000, headers: 25_000, stall: 20_000 },
  retry: { attempts: 2, longestRetryAfter: 2_000 },
}

/** How this installation speaks to upstreams. */
export function downloaderOptions(config: Config, log: Log): DownloaderOptions {
  return {
    allow: config.upstreamAllow,
    feedFolders: config.sample ? [...config.feedDirs, sampleFolder()] : config.feedDirs,
    timeouts: { headers: config.upstreamStall * 1000, stall: config.upstreamStall * 1000 },
    log,
    userAgent: `Deckle/${version}`,
  }
}
