import { RunSpool } from '../blobs/spool.ts'
import type { Log } from '../core/log.ts'
import { UndiciDownloader } from '../download/undici-downloader.ts'
import type { TaskServices } from '../operations/task-operations.ts'
import { sampleFolder } from '../places/package-root.ts'
import { type Services, spoolFolder } from './compose.ts'
import type { Config } from './config.ts'
import type { FetchMeter } from './fetch-meter.ts'
import { version } from './version.ts'

/** What only worker slots need besides; kept out of the server, which stays smaller without it. */
export function taskServices(services: Services, config: Config, log: Log, fetched: FetchMeter): TaskServices {
  return {
    ...services,
    downloader: fetched.count(
      new UndiciDownloader({
        allow: config.upstreamAllow,
        feedFolders: config.sample ? [...config.feedDirs, sampleFolder()] : config.feedDirs,
        log,
        userAgent: `Deckle/${version}`,
      }),
    ),
    openSpool: () => new RunSpool(spoolFolder(config)),
  }
}
