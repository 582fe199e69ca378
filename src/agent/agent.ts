import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { AgentMessage, ServerMessage } from '../wire/agent/messages.ts'
import type { RegistrationAnswer } from '../wire/agent/registration.ts'
import type { Clock } from './clock.ts'
import type { EngineClient } from './engine/engine-client.ts'
import { EngineWatch } from './engine-watch.ts'
import { ImageReports } from './image-reports.ts'
import type { Membership } from './membership.ts'
import { messageOf } from './message-of.ts'
import { PullDuty } from './pulls/pull-duty.ts'
import { pullImage } from './pulls/pull-image.ts'
import { SharedPulls } from './pulls/shared-pulls.ts'
import type { BackOff } from './server/back-off.ts'
import { type Link, type LinkDuties, type LinkEnd, openLink } from './server/link.ts'
import type { ServerAddress } from './server/server-address.ts'
import { sayEndsAgain, stayConnected } from './server/stay-connected.ts'

export interface AgentParts {
  readonly server: ServerAddress
  readonly membership: Membership
  findEngine(): Promise<EngineClient>
  /** Images pulled at once. */
  readonly parallel: number
  /** What the greeting says of this host. */
  readonly self: {
    readonly hostname: string
    readonly name?: string
    readonly labels: Readonly<Record<string, string>>
    readonly version: string
  }
  readonly clock: Clock
  readonly backOff: BackOff
  readonly log: Log
}

/** `--once` leaves after so long without a pull. */
const idleMs = 5000

/** Stands between one server and one engine. */
export class Agent {
  readonly #parts: AgentParts
  readonly #engine: EngineWatch
  readonly #images: ImageReports
  readonly #duty: PullDuty
  #joined = false

  constructor(parts: AgentParts) {
    const { findEngine, clock, log } = parts
    this.#parts = parts
    this.#engine = new EngineWatch(findEngine, clock, log)
    this.#images = new ImageReports(findEngine, clock, log)
    const shared = new SharedPulls(async ({ image, credential }, signal, onProgress) => {
      return pullImage({ engine: await findEngine(), image, credential, signal, log, onProgress })
    }, parts.parallel)
    this.#duty = new PullDuty({ findEngine, shared, clock }, log, () => this.#images.soon())
  }

  /** Serves until `stop` aborts, over as many connections as it takes. Throws when it may not join the server at all. */
  async run(stop: AbortSignal): Promise<void> {
    await stayConnected(this.#parts, () => this.#connect((link) => this.#serve(link), stop), stop)
    this.#duty.stop()
  }

  /** One connection: reports the images and does the pulls that wait. Returns why that failed, undefined if it did not. */
  async once(stop: AbortSignal): Promise<string | undefined> {
    await this.#parts.findEngine()
    let done = false
    const serve = async (link: Link) => {
      done = await this.#images.once(link)
      do await this.#parts.clock.pause(idleMs, link.signal)
      while (this.#duty.open > 0 && !link.signal.aborted)
      done &&= !link.signal.aborted && (await this.#images.once(link))
      link.close()
    }
    const { reason } = await this.#connect(serve, stop)
    this.#duty.stop()
    return done ? undefined : reason
  }

  async #connect(serve: (link: Link) => unknown, stop: AbortSignal): Promise<LinkEnd> {
    const { server, membership, clock } = this.#parts
    const joined = await this.#join()
    if (!('accessKey' in joined)) return joined
    const end = await openLink(server, joined, this.#duties(serve), clock, stop)
    if (end.refused) membership.refused()
    return end
  }

  /** What may pass is a failed attempt; what will not is thrown, unless this agent has been at work before. */
  async #join(): Promise<RegistrationAnswer | LinkEnd> {
    try {
      const keys = await this.#parts.membership.keys()
      this.#joined = true
      return keys
    } catch (error) {
      const mayPass = error instanceof DeckleError && error.kind === 'upstream'
      if (!mayPass && !this.#joined) throw error
      return { reason: messageOf(error), welcomed: false, refused: false }
    }
  }

  #duties(serve: (link: Link) => unknown): LinkDuties {
    return {
      hello: () => this.#hello(),
      message: (message) => this.#hear(message),
      welcomed: (link) => {
        this.#parts.log.info('connected', { host: link.host, server: this.#parts.server.url })
        this.#duty.sayBy(link.send)
        void serve(link)
      },
    }
  }

  async #hello(): Promise<AgentMessage> {
    const { labels, ...self } = this.#parts.self
    const engine = await this.#engine.look()
    return { kind: 'hello', ...self, labels: { ...labels }, engine, pulls: this.#duty.underWay() }
  }

  #hear(message: ServerMessage): void {
    if (message.kind === 'pull') this.#duty.take(message)
    else if (message.kind === 'cancel') this.#duty.cancel(message.pull)
    else if (message.kind === 'ack') this.#duty.acknowledged(message.pull, message.attempt)
  }

  #serve(link: Link): void {
    void this.#images.run(link)
    void sayEndsAgain(this.#parts.clock, link.signal, this.#duty)
    // Only a greeting tells which engine there is, so it greets again.
    void this.#engine.untilChanged(link.signal).then(() => link.close())
  }
}
