import type { IncomingMessage } from 'node:http'
import type { Log } from '../core/log.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { consumerSockets } from '../http/agents/consumer-sockets.ts'
import type { WebSockets } from '../http/agents/web-sockets.ts'
import { reportProfile } from '../operations/consumers/report-profile.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'

/** What the agents of consumers connect to. */
export async function openConsumerAgents(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
): Promise<WebSockets> {
  const { agentTasks, consumers, authority } = services
  const sockets = consumerSockets({
    tasks: agentTasks,
    authority,
    isRegistered: async (id) => (await consumers.find(id)) !== undefined,
    storeProfile: (id, contentType, profile) => reportProfile(services, id, contentType, profile),
    hostOf: (request) => hostOf(request, config.trustProxy !== false),
    aliveSeconds: config.agentAliveSeconds,
    log,
  })
  await control.attach(agentTasks.subscriber)
  return sockets
}

/** Host and port that were asked for; as a proxy says it, where one is trusted. */
function hostOf({ headers }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = headers['x-forwarded-host']
  const said = trustProxy ? (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim() : undefined
  return (said || headers.host || '').toLowerCase().replace(/:(?:80|443)$/, '')
}
