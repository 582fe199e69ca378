import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type WebSocket from 'ws'
import { WebSocketServer } from 'ws'
import { refuseUpgrade } from './refuse-upgrade.ts'

/** Takes a request for another protocol over, or leaves it to the next. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean

export interface WebSocketsOptions<Guest> {
  readonly isFor: (request: IncomingMessage) => boolean
  /** Who it is. What it throws is answered, before anything is upgraded. */
  readonly admit: (request: IncomingMessage) => Promise<Guest>
  readonly open: (socket: WebSocket, guest: Guest, request: IncomingMessage) => void
  /** Bytes of a message. */
  readonly longestMessage: number
}

export interface WebSockets {
  readonly handler: UpgradeHandler
  /** Cuts all connections. */
  close(): void
}

/** WebSockets of one kind. Nothing is compressed: thousands of connections would take as many windows of memory. */
export function webSockets<Guest>({ isFor, admit, open, longestMessage }: WebSocketsOptions<Guest>): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      const guest = await admit(request)
      if (!socket.destroyed) server.handleUpgrade(request, socket, head, (made) => open(made, guest, request))
    } catch (error) {
      refuseUpgrade(socket, error)
    }
  }
  return {
    handler(request, socket, head) {
      if (!isFor(request)) return false
      // A client that leaves meanwhile ends nothing but its connection.
      socket.on('error', () => socket.destroy())
      void upgrade(request, socket, head)
      return true
    },
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
