import type { IncomingMessage } from 'node:http'
import type WebSocket from 'ws'
import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'
import { ConsumerConnection, type ConsumerConnectionOptions } from './consumer-connection.ts'
import { type IdentifyServices, identifyConsumer, newNonce } from './identify-consumer.ts'
import { pathOf } from './path-of.ts'
import { readConsumerMessage } from './read-consumer-message.ts'
import { type WebSockets, webSockets } from './web-sockets.ts'

export interface ConsumerSocketsOptions extends ConsumerConnectionOptions, IdentifyServices {
  /** Host and port that the client has asked for, without the port if it is the protocol's own. */
  readonly hostOf: (request: IncomingMessage) => string
}

/** Tens of thousands of packages. */
const longestMessage = 8 * 1024 ** 2
/** Of somebody that nobody knows yet. */
const longestHello = 1024 ** 2
const helloWithinMs = 20_000

type Hello = Extract<ConsumerAgentMessage, { kind: 'hello' }>

/** `GET /agent/consumer`: the one connection of a consumer's agent (wire/agent/consumer-messages.ts). */
export function consumerSockets(options: ConsumerSocketsOptions): WebSockets {
  const connected = new Map<string, ConsumerConnection>()
  const watch = options.tasks.watch((consumer) => {
    if (consumer === undefined) for (const connection of connected.values()) connection.refresh()
    else connected.get(consumer)?.refresh()
  })
  const sockets = webSockets({
    isFor: (request) => pathOf(request) === '/agent/consumer',
    admit: async (request) => options.hostOf(request),
    open: (socket, host) => new Door(socket, host, options, connected).open(),
    longestMessage,
  })
  return {
    handler: sockets.handler,
    close() {
      watch.close()
      sockets.close()
    },
  }
}

/** A connection from its first byte: who it is, then his messages, one after the other. */
class Door {
  readonly #socket: WebSocket
  readonly #host: string
  readonly #options: ConsumerSocketsOptions
  readonly #connected: Map<string, ConsumerConnection>
  readonly #nonce = newNonce()
  #connection: ConsumerConnection | undefined
  #queued = 0
  #working: Promise<void> = Promise.resolve()

  constructor(
    socket: WebSocket,
    host: string,
    options: ConsumerSocketsOptions,
    connected: Map<string, ConsumerConnection>,
  ) {
    this.#socket = socket
    this.#host = host
    this.#options = options
    this.#connected = connected
  }

  open(): void {
    const late = setTimeout(() => this.#connection ?? this.#socket.terminate(), helloWithinMs)
    // What failed is told by `close`, which follows.
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => clearTimeout(late))
    this.#socket.on('message', (data, isBinary) => this.#queue(isBinary ? '' : String(data)))
    this.#socket.send(JSON.stringify({ kind: 'challenge', nonce: this.#nonce }))
  }

  /** While one message takes time, no more are read. */
  #queue(text: string): void {
    this.#socket.pause()
    this.#queued++
    this.#working = this.#working
      .then(() => this.#work(text))
      .catch(() => this.#socket.close(1011, 'the server cannot serve this agent at the moment'))
      .finally(() => {
        this.#queued--
        if (this.#queued === 0) this.#socket.resume()
      })
  }

  async #work(text: string): Promise<void> {
    const message = this.#connection === undefined && text.length > longestHello ? undefined : readConsumerMessage(text)
    if (message === undefined) return
    if (this.#connection !== undefined) await this.#connection.hear(message)
    else if (message.kind === 'hello') await this.#greet(message)
  }

  async #greet(hello: Hello): Promise<void> {
    const who = await identifyConsumer(hello, this.#nonce, this.#host, this.#options)
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if ('refusal' in who) return this.#dismiss(who.refusal)
    const connection = new ConsumerConnection(this.#socket, who.consumer, hello.tasks, this.#options)
    this.#connected.get(who.consumer)?.replace()
    this.#connected.set(who.consumer, connection)
    this.#connection = connection
    this.#options.log.info('the agent of a consumer has connected', { consumer: who.consumer, version: hello.version })
    this.#socket.on('close', () => {
      if (this.#connected.get(who.consumer) === connection) this.#connected.delete(who.consumer)
    })
  }

  #dismiss(reason: string): void {
    this.#socket.send(JSON.stringify({ kind: 'dismissed', reason }))
    this.#socket.close(4001, 'dismissed')
  }
}
