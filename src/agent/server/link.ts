import WebSocket from 'ws'
import type { AgentMessage, ServerMessage } from '../../wire/agent/messages.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../message-of.ts'
import { keepAlive } from './keep-alive.ts'
import { readServerMessage } from './read-server-message.ts'
import type { ServerAddress } from './server-address.ts'

/** A connection that the server has welcomed. */
export interface Link {
  /** Id of this host, as the API spells it. */
  readonly host: string
  /** Aborts when it is lost. */
  readonly signal: AbortSignal
  send(message: AgentMessage): void
  close(): void
}

export interface LinkDuties {
  hello(): Promise<AgentMessage>
  welcomed(link: Link): void
  message(message: ServerMessage): void
}

/** How a connection ended, or why there was none. */
export interface LinkEnd {
  readonly reason: string
  readonly welcomed: boolean
  /** The keys are not good any more. */
  readonly refused: boolean
}

export interface LinkKeys {
  readonly accessKey: string
  readonly secretKey: string
}

const answerWithinMs = 20_000
const longestMessage = 1024 * 1024

/** Opens one connection and serves it. Resolves when it is over, also when `stop` aborts; never throws. */
export function openLink(
  server: ServerAddress,
  keys: LinkKeys,
  duties: LinkDuties,
  clock: Clock,
  stop: AbortSignal,
): Promise<LinkEnd> {
  return new LinkSession(connect(server, keys), duties, clock).run(stop)
}

function connect({ url, ca, userAgent }: ServerAddress, { accessKey, secretKey }: LinkKeys): WebSocket {
  const authorization = `Basic ${Buffer.from(`${accessKey}:${secretKey}`).toString('base64')}`
  return new WebSocket(`${url.replace(/^http/, 'ws')}/agent/connect`, {
    headers: { authorization, 'user-agent': userAgent },
    handshakeTimeout: answerWithinMs,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  })
}

class LinkSession {
  readonly #socket: WebSocket
  readonly #duties: LinkDuties
  readonly #clock: Clock
  readonly #lost = new AbortController()
  readonly #welcome = new AbortController()
  #failure: string | undefined
  #refused = false

  constructor(socket: WebSocket, duties: LinkDuties, clock: Clock) {
    this.#socket = socket
    this.#duties = duties
    this.#clock = clock
  }

  run(stop: AbortSignal): Promise<LinkEnd> {
    const close = () => this.#close()
    stop.addEventListener('abort', close, { once: true })
    if (stop.aborted) close()
    return new Promise((resolve) => {
      this.#socket.on('open', () => void this.#greet())
      this.#socket.on('message', (data) => this.#hear(String(data)))
      this.#socket.on('error', (error) => {
        this.#failure ??= messageOf(error)
      })
      this.#socket.on('unexpected-response', (_request, answer) => {
        this.#refused = answer.statusCode === 401
        this.#failure ??= `the server answered with status ${answer.statusCode}`
        this.#socket.terminate()
      })
      this.#socket.on('close', (code, reason) => {
        stop.removeEventListener('abort', close)
        this.#lost.abort()
        resolve(this.#end(code, String(reason)))
      })
    })
  }

  #end(code: number, reason: string): LinkEnd {
    const said = `the server closed the connection (${code}${reason === '' ? '' : `, ${reason}`})`
    return { reason: this.#failure ?? said, welcomed: this.#welcome.signal.aborted, refused: this.#refused }
  }

  async #greet(): Promise<void> {
    this.#send(await this.#duties.hello())
    const waiting = new AbortController()
    for (const { signal } of [this.#welcome, this.#lost]) signal.addEventListener('abort', () => waiting.abort())
    await this.#clock.pause(answerWithinMs, waiting.signal)
    if (!waiting.signal.aborted) this.#giveUp('the server did not answer the greeting')
  }

  #hear(text: string): void {
    const message = readServerMessage(text)
    if (message === undefined) return
    if (message.kind === 'welcome') this.#begin(message.host, message.aliveSeconds)
    else this.#duties.message(message)
  }

  #begin(host: string, aliveSeconds: number): void {
    if (this.#welcome.signal.aborted) return
    this.#welcome.abort()
    const send = (message: AgentMessage) => this.#send(message)
    const giveUp = () => this.#giveUp('the server does not answer any more')
    void keepAlive(this.#socket, Math.max(1, aliveSeconds) * 1000, this.#clock, this.#lost.signal, giveUp)
    this.#duties.welcomed({ host, signal: this.#lost.signal, send, close: () => this.#close() })
  }

  #send(message: AgentMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #giveUp(reason: string): void {
    this.#failure ??= reason
    this.#socket.terminate()
  }

  #close(): void {
    this.#failure ??= 'the agent closed the connection'
    this.#socket.close(1000)
  }
}
