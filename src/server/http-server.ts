import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { DeckleError } from '../core/errors.ts'
import type { UpgradeHandler } from '../http/agents/web-sockets.ts'

/** Takes a request and returns true, or leaves it to the next. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => boolean

export interface HttpServer {
  /** With the real port. */
  readonly url: string
  readonly port: number
  /** Takes no new requests, lets those under way end for a while, then cuts them. */
  close(): Promise<void>
}

export interface ListenOptions {
  /** Other processes listen on the same port (SO_REUSEPORT). */
  readonly shared?: boolean
  /** Asked in order for requests of other protocols. */
  readonly upgrades?: readonly UpgradeHandler[]
  /** How long nothing may move on a connection before it is cut, a client that stops reading included. */
  readonly idleMs?: number
}

const closeGraceMs = 5_000
const idleAfterMs = 120_000

/** One bare server; handlers are asked in order, so that content never passes through the API's framework (DESIGN §4, Serving). */
export async function listen(
  host: string,
  port: number,
  handlers: readonly Handler[],
  { shared = false, upgrades = [], idleMs = idleAfterMs }: ListenOptions = {},
): Promise<HttpServer> {
  // Whoever offers another version of HTTP is answered in this one.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket'
  const server = createServer({ shouldUpgradeCallback }, (request, response) => {
    for (const handler of handlers) if (handler(request, response)) return
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n')
  })
  server.timeout = idleMs
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    socket.on('error', () => socket.destroy())
    for (const upgrade of upgrades) if (upgrade(request, socket, head)) return
    socket.once('finish', () => socket.destroy())
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(host, port, error)))
    server.listen({ port, host, reusePort: shared }, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    port: actual,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () => close(server, upgraded),
  }
}

/** Throws when somebody listens there already: processes that share a port would take each other's connections unnoticed. */
export async function requireFree(host: string, port: number): Promise<void> {
  if (port === 0) return
  const server = await listen(host, port, [])
  await server.close()
}

/** Other protocols have no end that could be waited for: their clients connect again. */
function close(server: ReturnType<typeof createServer>, upgraded: ReadonlySet<Duplex>): Promise<void> {
  for (const socket of upgraded) socket.destroy()
  const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs)
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function cannotListen(host: string, port: number, cause: Error): DeckleError {
  const remedy = 'code' in cause && cause.code === 'EADDRINUSE' ? '; set DECKLE_HTTP_PORT to another' : ''
  return new DeckleError('internal', `cannot listen on ${host} port ${port}: ${cause.message}${remedy}`, {}, { cause })
}
