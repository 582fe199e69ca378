import { coalesced } from '../../core/coalesced.ts'
import type { Log } from '../../core/log.ts'
import type { EndedPulls, PullEnd, PullReport, RolloutStore } from '../../core/rollout.ts'

export interface ReportDeskOptions {
  readonly rollouts: RolloutStore
  readonly log: Log
  /** These ends are stored. */
  readonly onEnded: (ends: readonly PullEnd[], ended: EndedPulls) => Promise<void>
  readonly onProgress: (tasks: readonly number[]) => void
}

/** Milliseconds in which reports of one pull become one. */
const gatherMs = 500
/** When the database is away. */
const againMs = 1000

/** Gathers what hosts say and writes it batch by batch: ends at once, progress twice a second. What cannot be written is kept. */
export class ReportDesk {
  readonly #options: ReportDeskOptions
  #reports = new Map<string, PullReport>()
  #ends = new Map<string, PullEnd>()
  #timer: NodeJS.Timeout | undefined
  readonly #flush = coalesced(() => this.#write())
  #due = false

  constructor(options: ReportDeskOptions) {
    this.#options = options
  }

  report(report: PullReport): void {
    this.#reports.set(nameOf(report), report)
    this.#later(gatherMs)
  }

  end(end: PullEnd): void {
    this.#ends.set(nameOf(end), end)
    void this.#flush()
  }

  /** Writes what there is. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#due = true
    await this.#flush()
    clearTimeout(this.#timer)
  }

  #later(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#due = true
      void this.#flush()
    }, milliseconds)
  }

  async #write(): Promise<void> {
    try {
      await this.#writeReports()
      await this.#writeEnds()
    } catch (error) {
      this.#options.log.warn('reports of hosts cannot be stored; that comes again', {
        reason: error instanceof Error ? error.message : String(error),
      })
      this.#later(againMs)
    }
  }

  /** When their time has come, and those of pulls that end. */
  async #writeReports(): Promise<void> {
    const ending = new Set(this.#ends.keys())
    const reports = [...this.#reports.values()].filter((report) => this.#due || ending.has(nameOf(report)))
    this.#due = false
    if (reports.length === 0) return
    for (const report of reports) this.#reports.delete(nameOf(report))
    this.#options.onProgress(await this.#options.rollouts.report(reports))
  }

  async #writeEnds(): Promise<void> {
    const ends = [...this.#ends.values()]
    if (ends.length === 0) return
    const ended = await this.#options.rollouts.end(ends)
    for (const end of ends) this.#ends.delete(nameOf(end))
    await this.#options.onEnded(ends, ended)
  }
}

function nameOf({ host, pull, attempt }: PullReport | PullEnd): string {
  return `${host}/${pull}/${attempt}`
}
