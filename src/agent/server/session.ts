import WebSocket from 'ws'
import type { Clock } from '../clock.ts'
import { messageOf } from '../message-of.ts'
import { keepAlive } from './keep-alive.ts'
import type { ServerAddress } from './server-address.ts'

/** A connection that the server has welcomed. */
export interface WelcomedSession<Message> {
  /** Aborts when it is lost. */
  readonly signal: AbortSignal
  send(message: Message): void
  close(): void
}

/** How a connection ended, or why there was none. */
export interface SessionEnd {
  readonly reason: string
  readonly welcomed: boolean
}

/** What is said on a connection. */
export interface Dialogue {
  /** It is open; what is to be said first. */
  opened?(): Promise<void>
  hear(text: string): void
  /** The server answered with this status instead of opening it. */
  rejected?(status: number | undefined): void
}

const answerWithinMs = 20_000

/** Begins to open a connection; messages of more bytes than `longestMessage` break it. */
export function openSocket(
  { url, ca, userAgent }: ServerAddress,
  path: string,
  longestMessage: number,
  headers: Readonly<Record<string, string>> = {},
): WebSocket {
  return new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, {
    headers: { ...headers, 'user-agent': userAgent },
    handshakeTimeout: answerWithinMs,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  })
}

/** One connection from its opening over the server's welcome, without which it does not last, to its end. */
export class Session<Message> {
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #dialogue: Dialogue
  readonly #lost = new AbortController()
  readonly #welcome = new AbortController()
  #failure: string | undefined

  constructor(socket: WebSocket, clock: Clock, dialogue: Dialogue) {
    this.#socket = socket
    this.#clock = clock
    this.#dialogue = dialogue
  }

  /** Resolves when it is over, also when `stop` aborts; never throws. */
  run(stop: AbortSignal): Promise<SessionEnd> {
    const close = () => this.#close()
    stop.addEventListener('abort', close, { once: true })
    if (stop.aborted) close()
    return new Promise((resolve) => {
      this.#socket.on('open', () => void this.#expectWelcome())
      this.#socket.on('message', (data) => this.#dialogue.hear(String(data)))
      this.#socket.on('error', (error) => {
        this.#failure ??= messageOf(error)
      })
      this.#socket.on('unexpected-response', (_request, { statusCode }) => {
        this.#dialogue.rejected?.(statusCode)
        this.giveUp(`the server answered with status ${statusCode}`)
      })
      this.#socket.on('close', (code, reason) => {
        stop.removeEventListener('abort', close)
        this.#lost.abort()
        resolve(this.#end(code, String(reason)))
      })
    })
  }

  /** The server welcomes the agent and expects a sign of life, `alive`, so often. Undefined when it has done so before. */
  welcomed(aliveSeconds: number, alive?: () => { readonly kind: 'alive' }): WelcomedSession<Message> | undefined {
    if (this.#welcome.signal.aborted) return undefined
    this.#welcome.abort()
    const giveUp = () => this.giveUp('the server does not answer any more')
    void keepAlive(this.#socket, Math.max(1, aliveSeconds) * 1000, this.#clock, this.#lost.signal, giveUp, alive)
    return { signal: this.#lost.signal, send: (message) => this.send(message), close: () => this.#close() }
  }

  send(message: Message): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  giveUp(reason: string): void {
    this.#failure ??= reason
    this.#socket.terminate()
  }

  #close(): void {
    this.#failure ??= 'the agent closed the connection'
    this.#socket.close(1000)
  }

  #end(code: number, reason: string): SessionEnd {
    const said = `the server closed the connection (${code}${reason === '' ? '' : `, ${reason}`})`
    return { reason: this.#failure ?? said, welcomed: this.#welcome.signal.aborted }
  }

  async #expectWelcome(): Promise<void> {
    await this.#dialogue.opened?.()
    const waiting = new AbortController()
    for (const { signal } of [this.#welcome, this.#lost]) signal.addEventListener('abort', () => waiting.abort())
    await this.#clock.pause(answerWithinMs, waiting.signal)
    if (!waiting.signal.aborted) this.giveUp('the server did not answer the greeting')
  }
}
