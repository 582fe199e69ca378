import type { Clock } from '../clock.ts'

/** Between two reports of a pull. */
const shortestMs = 500
/** Without news: the server shall know that somebody is still at it, also while Podman says nothing about a large layer. */
const longestMs = 10_000

/** Tells when to report one pull: at once, then at its news twice a second at most, and now and then without. */
export class ProgressReports {
  #news = new AbortController()

  news(): void {
    this.#news.abort()
  }

  /** Returns when `signal` aborts. */
  async run(report: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
    const wake = () => this.#news.abort()
    signal.addEventListener('abort', wake, { once: true })
    while (!signal.aborted) {
      report()
      await clock.pause(shortestMs, signal)
      await clock.pause(longestMs - shortestMs, this.#news.signal)
      this.#news = new AbortController()
    }
  }
}
