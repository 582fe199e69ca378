import type { Log } from '../core/log.ts'
import type { Clock } from './clock.ts'
import type { EngineClient } from './engine/engine-client.ts'
import { messageOf } from './message-of.ts'

const everyMs = 30_000

/** Knows which engine runs here, null while none does, and sees when that changes. */
export class EngineWatch {
  readonly #findEngine: () => Promise<EngineClient>
  readonly #clock: Clock
  readonly #log: Log
  #said: string | null | undefined

  constructor(findEngine: () => Promise<EngineClient>, clock: Clock, log: Log) {
    this.#findEngine = findEngine
    this.#clock = clock
    this.#log = log
  }

  /** `docker 20.10.24`; logged when it is another than before. */
  async look(): Promise<string | null> {
    const found = await this.#findEngine().then(
      (engine) => ({ name: engine.name }),
      (error: unknown) => ({ name: null, reason: messageOf(error) }),
    )
    if (found.name !== this.#said) {
      if ('reason' in found) this.#log.error(found.reason)
      else this.#log.info('engine found', { engine: found.name })
    }
    this.#said = found.name
    return found.name
  }

  /** Returns when it has changed, or at `signal`. */
  async untilChanged(signal: AbortSignal): Promise<void> {
    const before = this.#said
    while (!signal.aborted && this.#said === before) {
      await this.#clock.pause(everyMs, signal)
      if (!signal.aborted) await this.look()
    }
  }
}
