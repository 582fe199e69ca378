import WebSocket from 'ws'
import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../message-of.ts'
import { keepAlive } from '../server/keep-alive.ts'
import type { ServerAddress } from '../server/server-address.ts'
import type { Credential } from './credential.ts'
import { readConsumerMessage, type ServerWord } from './read-consumer-message.ts'

/** A connection that the server has welcomed. */
export interface ConsumerLink {
  /** Aborts when it is lost. */
  readonly signal: AbortSignal
  send(message: ConsumerAgentMessage): void
  close(): void
}

export interface ConsumerLinkDuties {
  /** Tasks that this agent has, or whose end was not acknowledged. */
  tasks(): string[]
  welcomed(link: ConsumerLink): void
  message(message: ServerWord): void
}

/** How a connection ended, or why there was none. */
export interface ConsumerLinkEnd {
  readonly reason: string
  readonly welcomed: boolean
  /** There is no such consumer for the server. */
  readonly dismissed: boolean
}

export interface ConsumerLinkParts {
  readonly server: ServerAddress
  readonly credential: Credential
  readonly version: string
  readonly duties: ConsumerLinkDuties
  readonly clock: Clock
}

const answerWithinMs = 20_000
const longestMessage = 16 * 1024 * 1024

/** Opens one connection and serves it. Resolves when it is over, also when `stop` aborts; never throws. */
export function openConsumerLink(parts: ConsumerLinkParts, stop: AbortSignal): Promise<ConsumerLinkEnd> {
  return new ConsumerSession(parts).run(stop)
}

class ConsumerSession {
  readonly #parts: ConsumerLinkParts
  readonly #socket: WebSocket
  readonly #lost = new AbortController()
  readonly #welcome = new AbortController()
  #failure: string | undefined
  #dismissed = false

  constructor(parts: ConsumerLinkParts) {
    const { url, ca, userAgent } = parts.server
    this.#parts = parts
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/agent/consumer`, {
      headers: { 'user-agent': userAgent },
      handshakeTimeout: answerWithinMs,
      maxPayload: longestMessage,
      perMessageDeflate: false,
      ...(ca === undefined ? {} : { ca: [...ca] }),
    })
  }

  run(stop: AbortSignal): Promise<ConsumerLinkEnd> {
    const close = () => this.#close()
    stop.addEventListener('abort', close, { once: true })
    if (stop.aborted) close()
    return new Promise((resolve) => {
      this.#socket.on('open', () => void this.#expectWelcome())
      this.#socket.on('message', (data) => this.#hear(String(data)))
      this.#socket.on('error', (error) => {
        this.#failure ??= messageOf(error)
      })
      this.#socket.on('unexpected-response', (_request, answer) => {
        this.#giveUp(`the server answered with status ${answer.statusCode}`)
      })
      this.#socket.on('close', (code, reason) => {
        stop.removeEventListener('abort', close)
        this.#lost.abort()
        resolve(this.#end(code, String(reason)))
      })
    })
  }

  #end(code: number, reason: string): ConsumerLinkEnd {
    const said = `the server closed the connection (${code}${reason === '' ? '' : `, ${reason}`})`
    return {
      reason: this.#failure ?? said,
      welcomed: this.#welcome.signal.aborted,
      dismissed: this.#dismissed,
    }
  }

  async #expectWelcome(): Promise<void> {
    const waiting = new AbortController()
    for (const { signal } of [this.#welcome, this.#lost]) signal.addEventListener('abort', () => waiting.abort())
    await this.#parts.clock.pause(answerWithinMs, waiting.signal)
    if (!waiting.signal.aborted) this.#giveUp('the server did not answer the greeting')
  }

  #hear(text: string): void {
    const message = readConsumerMessage(text)
    if (message === undefined) return
    if (message.kind === 'challenge') this.#greet(message.nonce)
    else if (message.kind === 'welcome') this.#begin(message.aliveSeconds)
    else if (message.kind === 'dismissed') {
      this.#dismissed = true
      this.#giveUp(message.reason)
    } else this.#parts.duties.message(message)
  }

  #greet(nonce: string): void {
    const { credential, version, duties, server } = this.#parts
    const { host } = new URL(server.url)
    const { certificate } = credential
    const signature = credential.answer(nonce, host)
    this.#send({ kind: 'hello', certificate, host, signature, version, tasks: duties.tasks() })
  }

  #begin(aliveSeconds: number): void {
    if (this.#welcome.signal.aborted) return
    this.#welcome.abort()
    const { clock, duties } = this.#parts
    const giveUp = () => this.#giveUp('the server does not answer any more')
    const alive = () => ({ kind: 'alive', tasks: duties.tasks() }) as const
    void keepAlive(this.#socket, aliveSeconds * 1000, clock, this.#lost.signal, giveUp, alive)
    const send = (message: ConsumerAgentMessage) => this.#send(message)
    duties.welcomed({ signal: this.#lost.signal, send, close: () => this.#close() })
  }

  #send(message: ConsumerAgentMessage): void {
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
