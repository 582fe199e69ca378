import type { Clock } from './clock.ts'

/** Looks again and again until it is stopped: after as many milliseconds as the last look says, or at once when it is woken. */
export class RepeatedLook {
  readonly #look: () => Promise<number>
  readonly #clock: Pick<Clock, 'pause'>
  readonly #stop = new AbortController()
  #awake = new AbortController()
  #running: Promise<void> = Promise.resolve()

  /** `look` never throws. */
  constructor(look: () => Promise<number>, clock: Pick<Clock, 'pause'>) {
    this.#look = look
    this.#clock = clock
  }

  /** Aborts with `stop`. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  start(): void {
    this.#running = this.#run()
  }

  /** A look that is under way is followed by another one. */
  wake(): void {
    this.#awake.abort()
  }

  /** Resolves when no look is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#awake = new AbortController()
      const pause = await this.#look()
      if (this.#stop.signal.aborted) return
      await this.#clock.pause(pause, this.#awake.signal)
    }
  }
}
