import { join } from 'node:path'
import type { Log } from '../core/log.ts'
import { readBundle } from '../http/agents/agent-bundle.ts'
import { createAgentHandler } from '../http/agents/agent-handler.ts'
import { agentSockets } from '../http/agents/agent-sockets.ts'
import { subscriptions } from '../http/agents/subscriptions.ts'
import type { UpgradeHandler } from '../http/agents/web-sockets.ts'
import { formatId } from '../http/rancher/print/ids.ts'
import { readPath } from '../http/rancher/request/target-path.ts'
import { urlsOf } from '../http/rancher/request/urls.ts'
import { watchAs } from '../http/rancher/watch.ts'
import { packageRoot } from '../places/package-root.ts'
import type { Config } from './config.ts'
import type { Handler } from './http-server.ts'
import type { Rancher } from './rancher-services.ts'

export interface Agents {
  readonly handler: Handler
  readonly upgrades: readonly UpgradeHandler[]
  close(): void
}

/** What hosts and watchers connect to. */
export function openAgents({ agentAliveSeconds }: Config, { api, door, rollouts }: Rancher, log: Log): Agents {
  const hostId = (key: number) => formatId('host', key, { plainIds: false })
  const agents = agentSockets({ door, engine: rollouts, aliveSeconds: agentAliveSeconds, hostId })
  const watchers = subscriptions({
    resources: api.resources,
    admit: async (request) => ({ look: await watchAs(api, request) }),
  })
  const handler = createAgentHandler({
    door,
    bundle: () => readBundle(join(packageRoot(), 'dist', 'agent.js')),
    hostId,
    originOf: (request) => urlsOf(root, request).origin,
    log,
  })
  return {
    handler,
    upgrades: [agents.handler, watchers.handler],
    close() {
      agents.close()
      watchers.close()
    },
  }
}

const root = readPath('/') ?? { isRoot: true, version: 'v1', segments: [] }
