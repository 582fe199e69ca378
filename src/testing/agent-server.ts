import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AgentMessage, ServerMessage } from '../wire/agent/messages.ts'
import type { RegistrationRequest } from '../wire/agent/registration.ts'
import { eventually } from './eventually.ts'

type Kind = AgentMessage['kind']
export type Said<Name extends Kind> = Extract<AgentMessage, { kind: Name }>
export type Order = Extract<ServerMessage, { kind: 'pull' }>

/** A server that speaks the agents' protocol and knows nothing else. The only good token is `good-token`. */
export class AgentServer {
  readonly registrations: RegistrationRequest[] = []
  /** Everything that agents said, on all connections. */
  readonly heard: AgentMessage[] = []
  /** `Authorization` of each connection. */
  readonly credentials: (string | undefined)[] = []
  acknowledges = true
  welcomes = true
  aliveSeconds = 60
  /** Answers connections with this instead of a WebSocket. */
  refusal: number | undefined
  port = 0
  readonly #server: Server
  readonly #sockets = new Set<WebSocket>()
  readonly #upgrades = new WebSocketServer({ noServer: true })

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => void this.#register(request, response))
    server.on('upgrade', (request, socket, head) => {
      if (this.refusal !== undefined) return socket.end(`HTTP/1.1 ${this.refusal} No\r\nConnection: close\r\n\r\n`)
      this.credentials.push(request.headers.authorization)
      this.#upgrades.handleUpgrade(request, socket, head, (opened) => this.#serve(opened))
    })
  }

  static async start(tls?: { readonly key: string; readonly cert: string }, port = 0): Promise<AgentServer> {
    const server = tls === undefined ? createServer() : createSecureServer(tls)
    const made = new AgentServer(server)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const address = server.address()
    made.port = typeof address === 'object' ? (address?.port ?? 0) : 0
    return made
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#sockets.size
  }

  said<Name extends Kind>(kind: Name): Said<Name>[] {
    return this.heard.filter((message): message is Said<Name> => message.kind === kind)
  }

  /** The message of that kind with this number, from 1 on; waits until it was said. */
  async hear<Name extends Kind>(kind: Name, number = 1): Promise<Said<Name>> {
    await eventually(() => this.said(kind).length >= number)
    const message = this.said(kind)[number - 1]
    if (message === undefined) throw new Error(`no ${kind}`)
    return message
  }

  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message))
  }

  sendText(text: string): void {
    for (const socket of this.#sockets) socket.send(text)
  }

  /** Orders a pull of `repository:tag`, unless told otherwise. */
  order(pull: number, more: Partial<Order> = {}): void {
    const image = { repository: '127.0.0.1:5100/team/app', tag: 'one', digest: null }
    const conditions = { onlyIfPresent: false, onlyIfAbsent: false, timeoutSeconds: null }
    this.send({ kind: 'pull', pull, attempt: 1, ...image, ...conditions, ...more })
  }

  /** Loses all connections, as a network does. */
  drop(): void {
    for (const socket of this.#sockets) socket.terminate()
  }

  /** From now on it reads nothing and answers nothing, not even pings. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause()
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.drop()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #serve(socket: WebSocket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('message', (data) => this.#hear(socket, JSON.parse(String(data))))
  }

  #hear(socket: WebSocket, message: AgentMessage): void {
    this.heard.push(message)
    const answer = this.#answerTo(message)
    if (answer !== undefined) socket.send(JSON.stringify(answer))
  }

  #answerTo(message: AgentMessage): ServerMessage | undefined {
    if (message.kind === 'hello' && this.welcomes) {
      return { kind: 'welcome', host: '1h1', aliveSeconds: this.aliveSeconds }
    }
    if (message.kind !== 'end' || !this.acknowledges) return undefined
    return { kind: 'ack', pull: message.pull, attempt: message.attempt }
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked: RegistrationRequest = JSON.parse(Buffer.concat(await request.toArray()).toString())
    this.registrations.push(asked)
    const known = request.url === '/agent/register' && asked.token === 'good-token'
    const number = this.registrations.length
    const keys = { host: '1h1', accessKey: `access-${number}`, secretKey: `secret-${number}` }
    response.writeHead(known ? 201 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify(known ? keys : { message: 'the token is not known' }))
  }
}
