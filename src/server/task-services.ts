import { RunSpool } from '../blobs/spool.ts'
import type { Log } from '../core/log.ts'
import { UndiciDownloader } from '../download/undici-downloader.ts'
import { FileFetcher } from '../operations/fetch/file-fetcher.ts'
import type { TaskServices } from '../operations/task-operations.ts'
import { type Services, spoolFolder } from './compose.ts'
import type { Config } from './config.ts'
import { downloaderOptions } from './downloader-options.ts'
import type { FetchMeter } from './fetch-meter.ts'

/** What only worker slots need besides; kept out of the server, which stays smaller without it. */
export function taskServices(services: Services, config: Config, log: Log, fetched: FetchMeter): TaskServices {
  const downloader = fetched.count(new UndiciDownloader(downloaderOptions(config, log)))
  return {
    ...services,
    downloader,
    fetcher: new FileFetcher({ ...services, openDownloader: async () => downloader, log }),
    openSpool: () => new RunSpool(spoolFolder(config)),
  }
}
