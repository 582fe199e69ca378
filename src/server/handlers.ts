import { checkClients } from '../certificates/check-client.ts'
import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { openDatabase } from '../database/connection.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { isDatabaseAway } from '../database/postgres-errors.ts'
import { PostgresPublishedContent } from '../database/published-content.ts'
import type { UpgradeHandler } from '../http/agents/web-sockets.ts'
import { createContentHandler } from '../http/content/content-handler.ts'
import { createOperationsHandler } from '../http/operations/operations-handler.ts'
import { sharedLook } from '../http/operations/shared-look.ts'
import { createPulpApi } from '../http/pulp/pulp-api.ts'
import { createRancherApi } from '../http/rancher/rancher-api.ts'
import { Authenticator } from '../operations/authenticate.ts'
import { ContentResolver } from '../operations/resolve-content.ts'
import { openAgents } from './agents.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { contentConnections } from './connections.ts'
import { openConsumerAgents } from './consumer-agents.ts'
import { contentFetcher } from './content-fetcher.ts'
import { startEvents } from './events.ts'
import { watchReadiness } from './health.ts'
import type { Handler } from './http-server.ts'
import type { ProcessMeters } from './metrics.ts'
import { pulpServices } from './pulp-services.ts'
import { openRancher } from './rancher-services.ts'
import { isTlsOn } from './tls/open-tls.ts'

/** The handlers of this process's roles, in the order in which a request is offered to them. */
export interface Handlers {
  readonly list: readonly Handler[]
  /** Of WebSockets. */
  readonly upgrades: readonly UpgradeHandler[]
  close(): Promise<void>
}

/** What a process brings along besides its services. */
export interface ProcessParts {
  readonly log: Log
  readonly meters: ProcessMeters
  /** Aborts when the process has been told to end. */
  readonly stop: AbortSignal
  /** What `/metrics` answers. */
  readonly metrics: () => Promise<string>
}

export async function openHandlers(
  config: Config,
  services: Services,
  control: ControlConnection,
  process: ProcessParts,
): Promise<Handlers> {
  const { log, meters } = process
  const opened = [
    ...(config.roles.has('content') ? [await openContent(config, services, control, log, meters)] : []),
    openOperations(config, services, control, process),
    ...(config.roles.has('api') ? [await openAgentsOfConsumers(config, services, control, log)] : []),
    ...(config.roles.has('api') ? [await openRancherApi(config, services, control, process)] : []),
    ...(config.roles.has('api') ? [await openApi(config, services, control, log, meters)] : []),
  ]
  return {
    list: opened.map((entry) => entry.handler),
    upgrades: opened.flatMap((entry) => entry.upgrades ?? []),
    close: async () => {
      for (const entry of opened.toReversed()) await entry.close()
    },
  }
}

interface OpenHandler {
  readonly handler: Handler
  readonly upgrades?: readonly UpgradeHandler[]
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
  const resolver = await ContentResolver.open({
    ...{ content, plugins, log },
    hasTls: isTlsOn(config),
    checkClient: checkClients(),
  })
  const fetcher = contentFetcher(services, opened, config, log, meters.fetched)
  return {
    handler: createContentHandler({
      resolver,
      blobs,
      log,
      fetcher,
      meter: meters.content,
      memory: hotMemory(config),
      trustProxy: config.trustProxy,
    }),
    async close() {
      await fetcher.close()
      resolver.close()
      await opened.close()
    },
  }
}

/** Bodies of small files in memory are bounded for all processes together (DESIGN §4, Serving). */
function hotMemory(config: Config): { readonly bytes: number } {
  return { bytes: (64 * 1024 * 1024) / config.contentProcesses }
}

function explainOutage(error: unknown): unknown {
  if (!isDatabaseAway(error)) return error
  const message = 'The database does not answer at the moment; what is published is served from memory'
  return new DeckleError('internal', message, { code: 'database_away' }, { cause: error })
}

async function openApi(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
  meters: ProcessMeters,
): Promise<OpenHandler> {
  const app = createPulpApi(pulpServices(services, config), {
    log,
    meter: meters.api,
    explain: explainOutage,
    trustProxy: config.trustProxy,
    maxBodyBytes: config.maxBody * 1024 ** 2,
  })
  await app.ready()
  const events = await startEvents(config, services, control, log)
  return {
    handler: (request, response) => {
      app.routing(request, response)
      return true
    },
    async close() {
      await app.close()
      await events.stop()
    },
  }
}

/** They only connect. */
async function openAgentsOfConsumers(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
): Promise<OpenHandler> {
  const sockets = await openConsumerAgents(config, services, control, log)
  return { handler: () => false, upgrades: [sockets.handler], close: async () => sockets.close() }
}

/** Before the API that answers whatever is left. */
async function openRancherApi(
  config: Config,
  services: Services,
  control: ControlConnection,
  { log, meters }: ProcessParts,
): Promise<OpenHandler> {
  const rancher = await openRancher(config, services, control, log)
  const handler = createRancherApi(rancher.api, {
    log,
    meter: meters.api,
    explain: explainOutage,
    maxBodyBytes: config.maxBody * 1024 ** 2,
  })
  const agents = openAgents(config, rancher, log)
  return {
    handler: (request, response) => agents.handler(request, response) || handler(request, response),
    upgrades: agents.upgrades,
    async close() {
      await rancher.close()
      agents.close()
    },
  }
}

/** What supervisors and monitoring ask; behind content, whose every request would ask it first. */
function openOperations(
  config: Config,
  services: Services,
  control: ControlConnection,
  { log, stop, metrics }: ProcessParts,
): OpenHandler {
  const authenticator = new Authenticator(services.users)
  const handler = createOperationsHandler({
    readiness: watchReadiness(config, control, stop),
    metrics: sharedLook(0, metrics),
    ...(!config.metricsOpen && { authenticate: (header: string | undefined) => authenticator.authenticate(header) }),
    log,
  })
  return { handler, close: async () => {} }
}
