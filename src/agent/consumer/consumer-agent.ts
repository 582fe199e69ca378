import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Clock } from '../clock.ts'
import type { BackOff } from '../server/back-off.ts'
import type { ServerAddress } from '../server/server-address.ts'
import { sayEndsAgain, stayConnected } from '../server/stay-connected.ts'
import { type ConsumerLink, type ConsumerLinkEnd, openConsumerLink } from './consumer-link.ts'
import type { Credential } from './credential.ts'
import type { ProfileReports } from './profile-reports.ts'
import type { ServerWord } from './read-consumer-message.ts'
import type { TaskDuty } from './task-duty.ts'

export interface ConsumerAgentParts {
  readonly server: ServerAddress
  readonly consumer: string
  readonly credential: Credential
  readonly version: string
  readonly duty: TaskDuty
  readonly profiles: ProfileReports
  readonly clock: Clock
  readonly backOff: BackOff
  readonly log: Log
}

/** `--once` leaves after so long without a task. */
const idleMs = 3000

/** Stands between one server and one system, for one consumer. */
export class ConsumerAgent {
  readonly #parts: ConsumerAgentParts

  constructor(parts: ConsumerAgentParts) {
    this.#parts = parts
  }

  /** Serves until `stop` aborts, over as many connections as it takes. Throws kind `forbidden` when the server does not know the consumer. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      await stayConnected(this.#parts, () => this.#connect((link) => this.#serve(link), stop), stop)
    } finally {
      await this.#parts.duty.stop()
    }
  }

  /** One connection: reports what is installed and does the tasks that wait. Returns why that failed, undefined if it did not. */
  async once(stop: AbortSignal): Promise<string | undefined> {
    const { clock, duty, profiles } = this.#parts
    let done = false
    const serve = async (link: ConsumerLink) => {
      profiles.sayBy(link.send)
      await profiles.now()
      do await clock.pause(idleMs, link.signal)
      while (duty.tasks().length > 0 && !link.signal.aborted)
      done = !link.signal.aborted
      link.close()
    }
    const { reason } = await this.#connect(serve, stop)
    await duty.stop()
    return done ? undefined : reason
  }

  async #connect(serve: (link: ConsumerLink) => unknown, stop: AbortSignal): Promise<ConsumerLinkEnd> {
    const { server, credential, version, duty, clock, consumer, log } = this.#parts
    const duties = {
      tasks: () => duty.tasks(),
      message: (message: ServerWord) => this.#hear(message),
      welcomed: (link: ConsumerLink) => {
        log.info('connected', { consumer, server: server.url })
        duty.sayBy(link.send)
        void serve(link)
      },
    }
    const end = await openConsumerLink({ server, credential, version, duties, clock }, stop)
    if (end.dismissed) throw new DeckleError('forbidden', `${server.url} does not take this agent: ${end.reason}`)
    return end
  }

  #hear(message: ServerWord): void {
    const { duty } = this.#parts
    if (message.kind === 'task') duty.take(message)
    else if (message.kind === 'cancel') duty.cancel(message.task)
    else if (message.kind === 'ack') duty.acknowledged(message.task)
  }

  #serve(link: ConsumerLink): void {
    void this.#parts.profiles.run(link)
    void sayEndsAgain(this.#parts.clock, link.signal, this.#parts.duty)
  }
}
