import { RequestMeter } from '../kit/request-meter.ts'

/** What content serving counts. Plain numbers: one increment each on the path of a request. */
export class ContentMeter {
  readonly requests = new RequestMeter()
  /** Of bodies, handed to the system. */
  bytes = 0
  /** Files whose bytes were stored when they were asked for (`X-Cache-Lookup: HIT`). */
  hits = 0
  /** Files whose bytes had to be fetched first (`MISS`). */
  misses = 0
}
