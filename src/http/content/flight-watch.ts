import type { ServerResponse } from 'node:http'
import type { FlightProgress } from '../../operations/fetch/flight-progress.ts'

/** Waits for the fetch of a file on behalf of one client, for as long as that one stays. */
export class FlightWatch {
  readonly #progress: FlightProgress
  readonly #unlisten: () => void
  #wake = () => {}
  #gone: boolean

  constructor(progress: FlightProgress, response: ServerResponse) {
    this.#progress = progress
    this.#gone = response.destroyed
    this.#unlisten = progress.onChange(() => this.#wake())
    response.once('close', () => {
      this.#gone = true
      this.#wake()
    })
  }

  /** The client has left. */
  get gone(): boolean {
    return this.#gone
  }

  /** Nothing more is to be waited for. */
  get over(): boolean {
    return this.#gone || this.#progress.outcome !== undefined
  }

  /** Resolves when something has changed since `version`. */
  async change(version: number): Promise<void> {
    if (this.over || this.#progress.version !== version) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  async end(): Promise<void> {
    while (!this.over) await this.change(this.#progress.version)
  }

  close(): void {
    this.#unlisten()
  }
}
