import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { after } from 'node:test'

/** What the server does with one request. Bytes alone are a plain 200. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Answers 302 (or `status`) with this Location. */
  readonly redirect?: string
  /** One byte of the body is another. */
  readonly corrupt?: boolean
  /** Sends this many bytes of the body, then: resets the connection, ends it, or says nothing more. */
  readonly resetAfter?: number
  readonly truncateAfter?: number
  readonly stallAfter?: number
  /** With `stallAfter`: the rest of the body follows when this resolves. */
  readonly restAfter?: Promise<unknown>
  /** The body comes byte by byte, with so many milliseconds between two. */
  readonly drip?: number
  /** Chunked, without a Content-Length. */
  readonly chunked?: boolean
  /** The head of the answer waits for this. */
  readonly until?: Promise<unknown>
}

export type Script = Uint8Array | string | Reply | readonly Reply[] | ((request: IncomingMessage) => Reply)

export interface SeenRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Common name of the client certificate. */
  readonly clientCertificate: string | undefined
  /** Counts connections from 1. */
  readonly connection: number
  /** Resolves when the answer was sent or the client has gone. */
  readonly closed: Promise<void>
}

export interface UpstreamServerOptions {
  readonly host?: string
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string }
}

type HttpServer = ReturnType<typeof createServer | typeof createTlsServer>

/** An upstream for tests: scripted answers by path, faults, and a record of what was asked. */
export class UpstreamServer {
  readonly requests: SeenRequest[] = []
  /** Called when a request has come in, before it is answered. */
  onRequest: (request: SeenRequest) => void = () => undefined
  /** The most requests that were under way at the same time. */
  mostAtOnce = 0
  readonly origin: string
  readonly port: number
  #atOnce = 0
  readonly #scripts: Map<string, Script>
  readonly #sockets = new Map<Socket, number>()
  readonly #server: HttpServer

  private constructor(server: HttpServer, scripts: Map<string, Script>, scheme: string, host: string) {
    this.#server = server
    this.#scripts = scripts
    this.port = (server.address() as AddressInfo).port
    this.origin = `${scheme}://${host}:${this.port}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response))
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.#sockets.set(socket, this.#sockets.size + 1),
    )
  }

  /** Listens on a free port; closed when the test or suite ends. */
  static async start(
    scripts: Readonly<Record<string, Script>> = {},
    { host = '127.0.0.1', tls }: UpstreamServerOptions = {},
  ): Promise<UpstreamServer> {
    const server = tls === undefined ? createServer() : createTlsServer(tlsOptions(tls))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, host, resolve)
    })
    const scheme = tls === undefined ? 'http' : 'https'
    const upstream = new UpstreamServer(server, new Map(Object.entries(scripts)), scheme, host)
    after(() => upstream.close())
    return upstream
  }

  /** A list is played one reply a request; its last one stays. */
  put(path: string, script: Script): void {
    this.#scripts.set(path, script)
  }

  remove(path: string): void {
    this.#scripts.delete(path)
  }

  url(path: string): string {
    return `${this.origin}${path}`
  }

  /** Paths asked for, in order. */
  get paths(): readonly string[] {
    return this.requests.map((request) => request.path)
  }

  get connections(): number {
    return this.#sockets.size
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    const seen = this.#record(request, closed)
    this.#atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
    void closed.then(() => {
      this.#atOnce -= 1
    })
    this.onRequest(seen)
    const reply = this.#reply(request)
    await reply.until
    send(request, response, reply)
  }

  #record(request: IncomingMessage, closed: Promise<void>): SeenRequest {
    const { method = '', url: path = '', headers, socket } = request
    const connection = this.#sockets.get(socket) ?? 0
    const seen = { method, path, headers, connection, closed, clientCertificate: certificateName(socket) }
    this.requests.push(seen)
    return seen
  }

  #reply(request: IncomingMessage): Reply {
    const path = request.url ?? ''
    const script = this.#scripts.get(path) ?? this.#scripts.get(withoutQuery(path))
    if (script === undefined) return { status: 404, body: 'not here' }
    if (typeof script === 'string' || script instanceof Uint8Array) return { body: script }
    if (typeof script === 'function') return script(request)
    if (!isList(script)) return script
    const [next = {}, ...rest] = script
    if (rest.length > 0) this.#scripts.set(path, rest)
    return next
  }
}

/** With escapes in capitals: dnf writes them in small letters (RFC 3986 §6.2.2.1). */
function withoutQuery(path: string): string {
  return path.replace(/\?.*$/, '').replace(/%[0-9a-f]{2}/gi, (byte) => byte.toUpperCase())
}

const isList = (script: Reply | readonly Reply[]): script is readonly Reply[] => Array.isArray(script)

function tlsOptions({ key, cert, clientCa }: NonNullable<UpstreamServerOptions['tls']>) {
  return { key, cert, ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }) }
}

function certificateName(socket: object): string | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function') return undefined
  return socket.getPeerCertificate()?.subject?.CN
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body ?? '')
  if (reply.corrupt === true && body[0] !== undefined) body[0] ^= 0xff
  const status = reply.status ?? (reply.redirect === undefined ? 200 : 302)
  response.writeHead(status, {
    ...(reply.chunked !== true && { 'content-length': String(body.length) }),
    ...(reply.redirect !== undefined && { location: reply.redirect }),
    ...reply.headers,
  })
  if (reply.drip !== undefined) return void drip(response, body, reply.drip)
  const cut = reply.resetAfter ?? reply.truncateAfter ?? reply.stallAfter
  if (cut === undefined) return void response.end(body)
  response.flushHeaders()
  response.write(body.subarray(0, cut), () => {
    if (reply.resetAfter !== undefined) request.socket.resetAndDestroy()
    if (reply.truncateAfter !== undefined) request.socket.end()
    void reply.restAfter?.then(() => response.end(body.subarray(cut)))
  })
}

function drip(response: ServerResponse, body: Buffer, milliseconds: number): void {
  let at = 0
  const timer = setInterval(() => {
    if (at === body.length) response.end()
    else response.write(body.subarray(at, at + 1))
    at += 1
  }, milliseconds)
  response.once('close', () => clearInterval(timer))
}
