import type { JsonObject } from '../../core/json.ts'
import type { Log } from '../../core/log.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../message-of.ts'
import type { ConsumerLink } from './consumer-link.ts'

/** Tells the server what is installed: first of all, after each change, and now and then. */
export class ProfileReports {
  readonly #read: () => Promise<readonly JsonObject[]>
  readonly #everyMs: number
  readonly #clock: Clock
  readonly #log: Log
  #send: ConsumerLink['send'] = () => undefined

  constructor(read: () => Promise<readonly JsonObject[]>, everyMs: number, clock: Clock, log: Log) {
    this.#read = read
    this.#everyMs = everyMs
    this.#clock = clock
    this.#log = log
  }

  /** From now on reports go this way. */
  sayBy(send: ConsumerLink['send']): void {
    this.#send = send
  }

  /** Reports on this connection until it is lost. */
  async run({ send, signal }: Pick<ConsumerLink, 'send' | 'signal'>): Promise<void> {
    this.sayBy(send)
    while (!signal.aborted) {
      await this.now()
      await this.#clock.pause(this.#everyMs, signal)
    }
  }

  /** On the connection that there is; without one the next begins with it. Never throws. */
  async now(): Promise<void> {
    try {
      this.#send({ kind: 'profile', contentType: 'rpm', profile: await this.#read() })
    } catch (error) {
      this.#log.warn('what is installed cannot be reported', { reason: messageOf(error) })
    }
  }
}
