import type { Log } from '../core/log.ts'
import { PostgresContentCatalog } from '../database/catalog/postgres-content-catalog.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresDeferredFileStore } from '../database/files/postgres-deferred-file-store.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { FileFetcher } from '../operations/fetch/file-fetcher.ts'
import { alternateSources } from './alternate-sources.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { downloaderOptions, impatience } from './downloader-options.ts'
import type { FetchMeter } from './fetch-meter.ts'

/** Fetches what content is asked for and does not have. The upstream client is loaded with the first fetch: it is large. */
export function contentFetcher(
  services: Services,
  { database }: OpenDatabase,
  config: Config,
  log: Log,
  fetched: FetchMeter,
): FileFetcher {
  const { plugins, blobs, space, contentSources } = services
  const contentCatalog = new PostgresContentCatalog(database)
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
    alternates: alternateSources({ contentSources, contentCatalog }, config, log, fetched),
    log,
  })
}
