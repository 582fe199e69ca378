import type { Log } from '../core/log.ts'
import { openDatabase } from '../database/connection.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresMeasurements } from '../database/measurements.ts'
import { PostgresPublishedContent } from '../database/published-content.ts'
import { createContentHandler } from '../http/content/content-handler.ts'
import { createOperationsHandler } from '../http/operations/operations-handler.ts'
import { ofProcess, printMetrics } from '../http/operations/print-metrics.ts'
import { sharedLook } from '../http/operations/shared-look.ts'
import { createPulpApi } from '../http/pulp/pulp-api.ts'
import { Authenticator } from '../operations/authenticate.ts'
import { ContentResolver } from '../operations/resolve-content.ts'
import { blobFolder, type Services } from './compose.ts'
import type { Config } from './config.ts'
import { contentFetcher } from './content-fetcher.ts'
import { watchReadiness } from './health.ts'
import type { Handler } from './http-server.ts'
import { diskFamilies, installationFamilies, type ProcessMeters } from './metrics.ts'
import { pulpServices } from './pulp-services.ts'

const contentConnections = 4

/** The handlers of this process's roles, in the order in which a request is offered to them. */
export interface Handlers {
  readonly list: readonly Handler[]
  close(): Promise<void>
}

export async function openHandlers(
  config: Config,
  services: Services,
  control: ControlConnection,
  process: { readonly log: Log; readonly meters: ProcessMeters; readonly stop: AbortSignal },
): Promise<Handlers> {
  const { log, meters } = process
  const opened = [
    ...(config.roles.has('content') ? [await openContent(config, services, control, log, meters)] : []),
    openOperations(config, services, control, process),
    ...(config.roles.has('api') ? [await openApi(config, services, log, meters)] : []),
  ]
  return {
    list: opened.map((entry) => entry.handler),
    close: async () => {
      for (const entry of opened.toReversed()) await entry.close()
    },
  }
}

interface OpenHandler {
  readonly handler: Handler
  close(): Promise<void>
}

/** On connections of its own, so that a flood of requests for what is not there cannot starve the API. */
async function openContent(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
  meters: ProcessMeters,
): Promise<OpenHandler> {
  const { blobs, plugins } = services
  const opened = openDatabase(services.opened.url, log, contentConnections)
  const content = new PostgresPublishedContent({
    pool: opened.pool,
    control,
    graceSeconds: config.publicationGrace,
    prepared: config.databaseDirectUrl === undefined,
  })
  const resolver = await ContentResolver.open({ content, plugins, log })
  const fetcher = contentFetcher(services, opened, config, log, meters.fetched)
  return {
    handler: createContentHandler({ resolver, blobs, log, fetcher, meter: meters.content }),
    async close() {
      await fetcher.close()
      resolver.close()
      await opened.close()
    },
  }
}

async function openApi(config: Config, services: Services, log: Log, meters: ProcessMeters): Promise<OpenHandler> {
  const app = createPulpApi(pulpServices(services, config), { log, meter: meters.api })
  await app.ready()
  return {
    handler: (request, response) => {
      app.routing(request, response)
      return true
    },
    close: () => app.close(),
  }
}

/** What supervisors and monitoring ask; behind content, whose every request would ask it first. */
function openOperations(
  config: Config,
  services: Services,
  control: ControlConnection,
  { log, meters, stop }: { readonly log: Log; readonly meters: ProcessMeters; readonly stop: AbortSignal },
): OpenHandler {
  const authenticator = new Authenticator(services.users)
  const handler = createOperationsHandler({
    readiness: watchReadiness(config, control, stop),
    metrics: sharedLook(0, metricsOf(config, services, meters)),
    ...(!config.metricsOpen && { authenticate: (header: string | undefined) => authenticator.authenticate(header) }),
    log,
  })
  return { handler, close: async () => {} }
}

function metricsOf(config: Config, services: Services, meters: ProcessMeters): () => Promise<string> {
  const measurements = new PostgresMeasurements(services.opened.database)
  const folders = { data: config.dataDir, blobs: blobFolder(config) }
  return async () =>
    printMetrics([
      await installationFamilies(measurements),
      await diskFamilies(folders),
      ofProcess(await meters.families(), 'main'),
    ])
}
