import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../core/json.ts'

type StepState = 'IN_PROGRESS' | 'FINISHED' | 'FAILED' | 'CANCELLED'

/** Shortest time between two reports. */
const reportEveryMs = 250
/** Failures that are named; more are only counted. */
const namedFailures = 100

/** Counts the files of a download and reports them as Pulp's one step `background_download` (pulp2-types §3, §4.4). */
export class DownloadRecorder {
  readonly #report: (progress: JsonObject) => void
  readonly #id = randomUUID()
  readonly #total: number
  readonly #failures: string[] = []
  #done = 0
  #failed = 0
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(total: number, report: (progress: JsonObject) => void) {
    this.#total = total
    this.#report = report
    this.#publish('IN_PROGRESS')
  }

  done(): void {
    this.#done += 1
    this.#changed()
  }

  failed(path: string, reason: string): void {
    this.#failed += 1
    if (this.#failed <= namedFailures) this.#failures.push(`${path}: ${reason}`)
    this.done()
  }

  /** Files that failed make the step fail, not the task. */
  end(state: 'finished' | 'failed' | 'cancelled'): void {
    if (state === 'cancelled') this.#publish('CANCELLED')
    else this.#publish(state === 'failed' || this.#failed > 0 ? 'FAILED' : 'FINISHED')
  }

  #changed(): void {
    if (performance.now() - this.#reportedAt >= reportEveryMs) this.#publish('IN_PROGRESS')
  }

  #publish(state: StepState): void {
    this.#reportedAt = performance.now()
    const step = {
      step_id: this.#id,
      step_type: 'background_download',
      description: 'Download Repository Content',
      details: this.#failed > namedFailures ? `${this.#failed - namedFailures} more failures are not named` : '',
      state,
      items_total: Math.max(this.#total, this.#done),
      num_processed: this.#done,
      num_success: this.#done - this.#failed,
      num_failures: this.#failed,
      error_details: this.#failures.map((error) => ({ error, traceback: '' })),
    }
    this.#report({ background_download: [step] })
  }
}
