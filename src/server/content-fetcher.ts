import type { Log } from '../core/log.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresDeferredFileStore } from '../database/files/postgres-deferred-file-store.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { FileFetcher } from '../operations/fetch/file-fetcher.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { downloaderOptions } from './downloader-options.ts'
import type { FetchMeter } from './fetch-meter.ts'

/**
 * Less patient than a sync: somebody waits who may go elsewhere, package managers after 30 s of silence. What one attempt misses
 * the next source or the client's next one gets.
 */
const impatience = {
  timeouts: { connect: 5_000, headers: 25_000, stall: 20_000 },
  retry: { attempts: 2, longestRetryAfter: 2_000 },
}

/** Fetches what content is asked for and does not have. The upstream client is loaded with the first fetch: it is large. */
export function contentFetcher(
  { plugins, blobs, space }: Services,
  { database }: OpenDatabase,
  config: Config,
  log: Log,
  fetched: FetchMeter,
): FileFetcher {
  return new FileFetcher({
    plugins,
    blobs,
    space,
    deferredFiles: new PostgresDeferredFileStore(database),
    blobCatalog: new PostgresBlobCatalog(database),
    openDownloader: async () => {
      const { UndiciDownloader } = await import('../download/undici-downloader.ts')
      return fetched.count(new UndiciDownloader({ ...downloaderOptions(config, log), ...impatience }))
    },
    log,
  })
}
