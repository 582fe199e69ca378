import type { JsonObject } from '../core/json.ts'

/** Time between two writes of one task's progress, milliseconds. */
export const progressPauseMs = 500
/** Time before the first one: what ends sooner tells all of it at its end. */
export const firstPauseMs = 100

/**
 * Writes the newest progress report at most twice a second: the first after a moment, later ones after the pause, never two at a
 * time. What `write` rejects with goes to `failed`; the report is then tried again with the next one.
 */
export class ProgressWriter {
  readonly #write: (report: JsonObject) => Promise<void>
  readonly #failed: (error: unknown) => void
  #unwritten: JsonObject | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #isFirst = true
  #closed = false

  constructor(write: (report: JsonObject) => Promise<void>, failed: (error: unknown) => void) {
    this.#write = write
    this.#failed = failed
  }

  report(report: JsonObject): void {
    if (this.#closed) return
    this.#unwritten = report
    if (this.#isFirst) this.#wait(firstPauseMs)
    else if (this.#timer === undefined && this.#writing === undefined) this.#start()
    this.#isFirst = false
  }

  /** Ends writing. Returns the last report if it is not written yet: it belongs into the transaction that ends the task. */
  async close(): Promise<JsonObject | undefined> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#writing
    return this.#unwritten
  }

  #start(): void {
    const report = this.#unwritten
    if (report === undefined || this.#closed) return
    this.#unwritten = undefined
    this.#wait(progressPauseMs)
    this.#writing = this.#send(report)
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#pauseOver(), milliseconds)
  }

  async #send(report: JsonObject): Promise<void> {
    try {
      await this.#write(report)
    } catch (error) {
      this.#unwritten ??= report
      this.#failed(error)
    }
    this.#writing = undefined
    if (this.#timer === undefined) this.#start()
  }

  #pauseOver(): void {
    this.#timer = undefined
    if (this.#writing === undefined) this.#start()
  }
}
