import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Json } from '../core/json.ts'
import { silentLog } from '../core/log.ts'
import { consumerSockets } from '../http/agents/consumer-sockets.ts'
import type { WebSockets } from '../http/agents/web-sockets.ts'
import { consumerAuthority } from './consumer-credentials.ts'
import { MemoryAgentTasks } from './memory-agent-tasks.ts'

/** What agents of consumers connect to, over tasks in memory. */
export class ConsumerServer {
  readonly tasks = new MemoryAgentTasks()
  readonly consumers = new Set(['east', 'west'])
  /** Content type and profile of each report, in order. */
  readonly profiles: (readonly [string, Json])[] = []
  /** How often an agent has connected. */
  connections = 0
  port = 0
  readonly #server: Server
  readonly #sockets: WebSockets
  readonly #open = new Set<Duplex>()

  constructor() {
    this.#sockets = consumerSockets({
      tasks: this.tasks,
      authority: consumerAuthority,
      isRegistered: async (id) => this.consumers.has(id),
      storeProfile: async (_consumer, contentType, profile) => void this.profiles.push([contentType, profile]),
      hostOf: ({ headers }) => headers.host ?? '',
      aliveSeconds: 60,
      log: silentLog,
    })
    this.#server = createServer().on('upgrade', (request, socket, head) => {
      this.connections++
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
      if (!this.#sockets.handler(request, socket, head)) socket.destroy()
    })
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    this.port = typeof address === 'object' ? (address?.port ?? 0) : 0
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Loses all connections, as a network does. */
  drop(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async close(): Promise<void> {
    this.#sockets.close()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
