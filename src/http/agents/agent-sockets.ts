import type { HostDoor } from '../../core/rollout.ts'
import { AgentConnection, type AgentConnectionOptions } from './agent-connection.ts'
import { pathOf } from './path-of.ts'
import { type WebSockets, webSockets } from './web-sockets.ts'

export interface AgentSocketsOptions extends AgentConnectionOptions {
  readonly door: Pick<HostDoor, 'authenticate'>
}

/** Tens of thousands of names of images. */
const longestMessage = 8 * 1024 ** 2

/** `GET /agent/connect`: the one connection of a host's agent. */
export function agentSockets(options: AgentSocketsOptions): WebSockets {
  return webSockets({
    isFor: (request) => pathOf(request) === '/agent/connect',
    admit: (request) => options.door.authenticate(request.headers.authorization),
    open: (socket, host) => void new AgentConnection(socket, host, options),
    longestMessage,
  })
}
