import type { Log } from '../core/log.ts'
import { AlternateSources } from '../operations/content-sources/alternate-sources.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { downloaderOptions, impatience } from './downloader-options.ts'
import type { FetchMeter } from './fetch-meter.ts'

const idleMs = 60_000

/** Content sources as downloads use them. There is another place for each file, so nobody insists. */
export function alternateSources(
  { contentSources, contentCatalog }: Pick<Services, 'contentSources' | 'contentCatalog'>,
  config: Config,
  log: Log,
  fetched: FetchMeter,
): AlternateSources {
  return new AlternateSources({
    sources: contentSources,
    catalog: contentCatalog,
    openDownloader: async () => {
      const { UndiciDownloader } = await import('../download/undici-downloader.ts')
      return fetched.count(new UndiciDownloader({ ...downloaderOptions(config, log), ...impatience }))
    },
    idleMs,
    log,
  })
}
