import type { Clock } from './clock.ts'

/** What may pass before anybody waits, in milliseconds of the full speed. */
const burst = 250

/** Holds the sum of all transfers to a speed. Keeps the time at which the line is free again; chunks may have any size. */
export class SpeedLimit {
  readonly #bytesPerSecond: number
  readonly #clock: Clock
  #freeAt = 0

  constructor(bytesPerSecond: number, clock: Clock) {
    this.#bytesPerSecond = bytesPerSecond
    this.#clock = clock
  }

  /** Resolves when `bytes` may pass. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes / this.#bytesPerSecond) * 1000
    const wait = this.#freeAt - now - burst
    if (wait > 0) await this.#clock.sleep(wait, signal)
  }

  async *throttle(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      await this.take(chunk.length, signal)
      yield chunk
    }
  }
}
