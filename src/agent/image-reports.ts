import type { Log } from '../core/log.ts'
import type { Clock } from './clock.ts'
import type { EngineClient } from './engine/engine-client.ts'
import { messageOf } from './message-of.ts'
import type { Link } from './server/link.ts'

/** Also without a pull: people and other programs pull and delete images too. */
const everyMs = 5 * 60_000
/** Several pulls that end together are one report. */
const gatherMs = 1000

/** Tells the server which images are here: first of all, soon after each pull, and every few minutes. */
export class ImageReports {
  readonly #findEngine: () => Promise<EngineClient>
  readonly #clock: Clock
  readonly #log: Log
  #wake = new AbortController()

  constructor(findEngine: () => Promise<EngineClient>, clock: Clock, log: Log) {
    this.#findEngine = findEngine
    this.#clock = clock
    this.#log = log
  }

  soon(): void {
    this.#wake.abort()
  }

  /** Returns when the link is lost. */
  async run(link: Link): Promise<void> {
    link.signal.addEventListener('abort', () => this.#wake.abort(), { once: true })
    while (!link.signal.aborted) {
      this.#wake = new AbortController()
      await this.once(link)
      await this.#clock.pause(gatherMs, link.signal)
      await this.#clock.pause(everyMs, this.#wake.signal)
    }
  }

  /** Returns whether the engine said which images there are. */
  async once(link: Pick<Link, 'send'>): Promise<boolean> {
    try {
      const images = await (await this.#findEngine()).images()
      link.send({ kind: 'images', images: [...images] })
      return true
    } catch (error) {
      this.#log.warn('the images are not known', { reason: messageOf(error) })
      return false
    }
  }
}
