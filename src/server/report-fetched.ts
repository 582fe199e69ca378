import type { FetchedReport } from '../tasks/slot-messages.ts'
import type { FetchMeter } from './fetch-meter.ts'

const everyMs = 1_000

/** Tells the parent of a worker slot, for its metrics, how many bytes came from upstreams; the result tells it for the last time. */
export function reportFetched(meter: FetchMeter): () => Promise<void> {
  let told = 0
  const tell = () =>
    new Promise<void>((resolve) => {
      const report: FetchedReport = { fetched: meter.bytes - told }
      if (report.fetched === 0 || !process.connected) return resolve()
      told = meter.bytes
      process.send?.(report, undefined, undefined, () => resolve())
    })
  const timer = setInterval(() => void tell(), everyMs).unref()
  return () => {
    clearInterval(timer)
    return tell()
  }
}
