import type { Log } from '../core/log.ts'
import { openDatabase } from '../database/connection.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresPublishedContent } from '../database/published-content.ts'
import { createContentHandler } from '../http/content/content-handler.ts'
import { createPulpApi } from '../http/pulp/pulp-api.ts'
import { ContentResolver } from '../operations/resolve-content.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import type { Handler } from './http-server.ts'
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
  log: Log,
): Promise<Handlers> {
  const opened = [
    ...(config.roles.has('content') ? [await openContent(config, services, control, log)] : []),
    ...(config.roles.has('api') ? [await openApi(config, services, log)] : []),
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
): Promise<OpenHandler> {
  const { blobs, plugins } = services
  const opened = openDatabase(services.opened.url, log, contentConnections)
  const content = new PostgresPublishedContent({
    pool: opened.pool,
    control,
    graceSeconds: config.publicationGrace,
  })
  const resolver = await ContentResolver.open({ content, plugins, log })
  return {
    handler: createContentHandler({ resolver, blobs, log }),
    async close() {
      resolver.close()
      await opened.close()
    },
  }
}

async function openApi(config: Config, services: Services, log: Log): Promise<OpenHandler> {
  const app = createPulpApi(pulpServices(services, config), { log })
  await app.ready()
  return {
    handler: (request, response) => {
      app.routing(request, response)
      return true
    },
    close: () => app.close(),
  }
}
