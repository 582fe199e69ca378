/** From a slot to its parent. `busy` is said before the task starts. */
export type SlotReport = 'idle' | 'busy'

/** From a slot to its parent: bytes that came from upstreams since the last such report. */
export interface FetchedReport {
  readonly fetched: number
}

/** From the parent: `retire` ends a slot that is still idle, `stop` ends it anyway and gives its task back. */
export type SlotOrder = 'retire' | 'stop'

export function isSlotReport(message: unknown): message is SlotReport {
  return message === 'idle' || message === 'busy'
}

export function isFetchedReport(message: unknown): message is FetchedReport {
  return typeof message === 'object' && message !== null && 'fetched' in message && typeof message.fetched === 'number'
}

export function isSlotOrder(message: unknown): message is SlotOrder {
  return message === 'retire' || message === 'stop'
}
