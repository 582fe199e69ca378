import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { DeckleError } from '../core/errors.ts'
import type { UpgradeHandler } from '../http/agents/web-sockets.ts'
import type { TlsIdentities } from './tls/tls-identities.ts'

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
  /** Speaks TLS, proving itself with these. Clients are asked for a certificate and need none. */
  readonly tls?: TlsIdentities
}

const closeGraceMs = 5_000
const idleAfterMs = 120_000
const handshakeMs = 20_000

/** One bare server; handlers are asked in order, so that content never passes through the API's framework (DESIGN §4, Serving). */
export async function listen(
  host: string,
  port: number,
  handlers: readonly Handler[],
  { shared = false, upgrades = [], idleMs = idleAfterMs, tls }: ListenOptions = {},
): Promise<HttpServer> {
  const server = makeServer(tls, (request, response) => {
    for (const handler of handlers) if (handler(request, response)) return
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n')
  })
  server.timeout = idleMs
  const upgraded = new Set<Duplex>()
  const sockets = new Set<Duplex>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    socket.on('error', () => socket.destroy())
    for (const upgrade of upgrades) if (upgrade(request, socket, head)) return
    socket.once('finish', () => socket.destroy())
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  await bind(server, { host, port, reusePort: shared }, tls ? 'DECKLE_HTTPS_PORT' : 'DECKLE_HTTP_PORT')
  const { port: actual } = server.address() as AddressInfo
  return {
    port: actual,
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () => close(server, upgraded, sockets),
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

function makeServer(tls: TlsIdentities | undefined, answer: Answer): Server {
  // Whoever offers another version of HTTP is answered in this one.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket'
  // Requests without a body need no stream for one, which is a tenth of what a small answer costs.
  const options: ServerOptions = { shouldUpgradeCallback, optimizeEmptyRequests: true }
  if (tls === undefined) return createServer(options, answer)
  const server = createSecureServer(
    {
      ...options,
      ...tls.first.options,
      SNICallback: (name, done) => done(null, tls.for(name).context),
      // Who the client is decides over single requests, by who has signed its certificate.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      ALPNProtocols: ['http/1.1'],
    },
    answer,
  )
  tls.follow(server)
  return server
}

/** Throws when somebody listens there already: processes that share a port would take each other's connections unnoticed. */
export async function requireFree(host: string, port: number, setting: PortSetting): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  await bind(probe, { host, port }, setting)
  probe.close()
  probe.closeAllConnections()
  await once(probe, 'close')
}

/** Other protocols have no end that could be waited for: their clients connect again. `sockets` are in the middle of a handshake, too. */
function close(server: Server, upgraded: ReadonlySet<Duplex>, sockets: ReadonlySet<Duplex>): Promise<void> {
  for (const socket of upgraded) socket.destroy()
  const cut = setTimeout(() => {
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
  }, closeGraceMs)
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}

type PortSetting = 'DECKLE_HTTP_PORT' | 'DECKLE_HTTPS_PORT'

function bind(server: Server, address: Place, setting: PortSetting): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(address, error, setting)))
    server.listen(address, resolve)
  })
}

interface Place {
  readonly host: string
  readonly port: number
  readonly reusePort?: boolean
}

function cannotListen({ host, port }: Place, cause: Error, setting: PortSetting): DeckleError {
  const remedy = 'code' in cause && cause.code === 'EADDRINUSE' ? `; set ${setting} to another` : ''
  return new DeckleError('internal', `cannot listen on ${host} port ${port}: ${cause.message}${remedy}`, {}, { cause })
}
