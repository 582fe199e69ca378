import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'
import type { Clock } from '../clock.ts'
import type { ServerAddress } from '../server/server-address.ts'
import { openSocket, Session, type SessionEnd, type WelcomedSession } from '../server/session.ts'
import type { Credential } from './credential.ts'
import { readConsumerMessage, type ServerWord } from './read-consumer-message.ts'

/** A connection that the server has welcomed. */
export type ConsumerLink = WelcomedSession<ConsumerAgentMessage>

export interface ConsumerLinkDuties {
  /** Tasks that this agent has, or whose end was not acknowledged. */
  tasks(): string[]
  welcomed(link: ConsumerLink): void
  message(message: ServerWord): void
}

export interface ConsumerLinkEnd extends SessionEnd {
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

const longestMessage = 16 * 1024 * 1024

/** Opens one connection and serves it. Resolves when it is over, also when `stop` aborts; never throws. */
export function openConsumerLink(parts: ConsumerLinkParts, stop: AbortSignal): Promise<ConsumerLinkEnd> {
  return new ConsumerDialogue(parts).run(stop)
}

class ConsumerDialogue {
  readonly #parts: ConsumerLinkParts
  readonly #session: Session<ConsumerAgentMessage>
  #dismissed = false

  constructor(parts: ConsumerLinkParts) {
    this.#parts = parts
    const socket = openSocket(parts.server, '/agent/consumer', longestMessage)
    this.#session = new Session(socket, parts.clock, { hear: (text) => this.#hear(text) })
  }

  async run(stop: AbortSignal): Promise<ConsumerLinkEnd> {
    const end = await this.#session.run(stop)
    return { ...end, dismissed: this.#dismissed }
  }

  #hear(text: string): void {
    const message = readConsumerMessage(text)
    if (message === undefined) return
    if (message.kind === 'challenge') this.#greet(message.nonce)
    else if (message.kind === 'welcome') this.#begin(message.aliveSeconds)
    else if (message.kind === 'dismissed') {
      this.#dismissed = true
      this.#session.giveUp(message.reason)
    } else this.#parts.duties.message(message)
  }

  #greet(nonce: string): void {
    const { credential, version, duties, server } = this.#parts
    const { host } = new URL(server.url)
    const { certificate } = credential
    const signature = credential.answer(nonce, host)
    this.#session.send({ kind: 'hello', certificate, host, signature, version, tasks: duties.tasks() })
  }

  #begin(aliveSeconds: number): void {
    const { duties } = this.#parts
    const alive = () => ({ kind: 'alive', tasks: duties.tasks() }) as const
    const link = this.#session.welcomed(aliveSeconds, alive)
    if (link !== undefined) duties.welcomed(link)
  }
}
