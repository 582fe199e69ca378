import type { Log } from '../core/log.ts'
import type { DownloaderOptions } from '../download/undici-downloader.ts'
import { sampleFolder } from '../places/package-root.ts'
import type { Config } from './config.ts'
import { version } from './version.ts'

/** How this installation speaks to upstreams. */
export function downloaderOptions(config: Config, log: Log): DownloaderOptions {
  return {
    allow: config.upstreamAllow,
    feedFolders: config.sample ? [...config.feedDirs, sampleFolder()] : config.feedDirs,
    log,
    userAgent: `Deckle/${version}`,
  }
}
