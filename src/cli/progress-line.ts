import type { Amount, ProgressView } from './progress-view.ts'
import { formatBytes, formatSeconds } from './quantities.ts'

export interface LineOptions {
  /** What is worked on: the repository's id. */
  readonly label: string
  /** Bytes per second, where it is known. */
  readonly rate?: number | undefined
  /** Columns that the line may take. */
  readonly width: number
}

const barWidth = { least: 10, most: 30 }

/**
 * One line of a terminal, never longer than `width`: label, phase, bar, counts, bytes, rate, time left. What does not
 * fit is left out, the least important first.
 */
export function renderLine(view: ProgressView, options: LineOptions): string {
  const head = `${options.label}  ${view.phase}`
  const tail = details(view, options.rate)
  const share = shareOf(view)
  for (let kept = tail.length; kept >= 0; kept--) {
    const text = [head, ...tail.slice(0, kept)].join('  ')
    const room = options.width - text.length - 4
    if (share !== undefined && room >= barWidth.least) return withBar(head, tail.slice(0, kept), share, room)
    if (share === undefined && text.length <= options.width) return text
  }
  return [head, ...tail.slice(0, 1)].join('  ').slice(0, options.width)
}

/** The same facts for a log: no bar, no rate. */
export function renderPlain(view: ProgressView, label: string): string {
  return [`${label}: ${view.phase}`, ...details(view, undefined)].join(', ')
}

/** Most important first. */
function details(view: ProgressView, rate: number | undefined): string[] {
  const parts: string[] = []
  if (view.items !== undefined && view.items.total > 0) parts.push(`${view.items.done}/${view.items.total}`)
  if (view.bytes !== undefined && view.bytes.total > 0)
    parts.push(`${formatBytes(view.bytes.done)} of ${formatBytes(view.bytes.total)}`)
  if (view.bytes === undefined || rate === undefined || rate <= 0) return parts
  const left = (view.bytes.total - view.bytes.done) / rate
  return [...parts, `${formatBytes(rate)}/s`, `ETA ${formatSeconds(left)}`]
}

/** Between 0 and 1: of the bytes where they are known, else of the items; undefined when neither is. */
function shareOf(view: ProgressView): number | undefined {
  return fraction(view.bytes) ?? fraction(view.items)
}

function fraction(amount: Amount | undefined): number | undefined {
  if (amount === undefined || amount.total <= 0) return undefined
  return Math.min(Math.max(amount.done / amount.total, 0), 1)
}

function withBar(head: string, tail: readonly string[], share: number, room: number): string {
  const width = Math.min(room, barWidth.most)
  const filled = Math.floor(share * width)
  return [head, `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`, ...tail].join('  ')
}
