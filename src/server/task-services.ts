import { RunSpool } from '../blobs/spool.ts'
import type { Log } from '../core/log.ts'
import { UndiciDownloader } from '../download/undici-downloader.ts'
import { FileFetcher } from '../operations/fetch/file-fetcher.ts'
import type { TaskServices } from '../operations/task-operations.ts'
import { alternateSources } from './alternate-sources.ts'
import { type Services, spoolFolder } from './compose.ts'
import type { Config } from './config.ts'
import { downloaderOptions } from './downloader-options.ts'
import type { FetchMeter } from './fetch-meter.ts'

/** What only worker slots need besides; kept out of the server, which stays smaller without it. */
export function taskServices(services: Services, config: Config, log: Log, fetched: FetchMeter): TaskServices {
  const downloader = fetched.count(new UndiciDownloader(downloaderOptions(config, log)))
  const alternates = alternateSources(services, config, log, fetched)
  return {
    ...services,
    downloader,
    alternates,
    fetcher: new FileFetcher({ ...services, openDownloader: async () => downloader, alternates, log }),
    openSpool: () => new RunSpool(spoolFolder(config)),
  }
}
