import type { DeckleError } from '../../../core/errors.ts'
import { unusableSegments } from '../../../core/segment.ts'
import type { PackageEntry } from './package-entry.ts'
import { compareOrder, type PackageOrder, startsSegment } from './package-order.ts'
import type { Peekable } from './peekable.ts'

/** Segments that are there, by the first package of each. */
export interface OldSegments {
  readonly firsts: readonly PackageOrder[]
  read(segment: number): Promise<readonly PackageEntry[]>
}

/** The packages of a new segment, or the place of an old one that stays as it is. */
export type SplicedSegment = readonly PackageEntry[] | number

/**
 * What becomes of segments when packages come and go, both in order. The outcome is what cutting all packages anew would give; only
 * segments that change are read.
 */
export async function* spliceSegments(
  old: OldSegments,
  added: Peekable<PackageEntry>,
  removed: Peekable<PackageOrder>,
): AsyncGenerator<SplicedSegment> {
  let open: PackageEntry[] = []
  for (const [segment, first] of old.firsts.entries()) {
    const end = old.firsts[segment + 1]
    const joins = open.length > 0 && !startsSegment(open.length, first)
    if (!joins && !isTouched(end, added, removed)) {
      if (open.length > 0) yield open
      open = []
      yield segment
      continue
    }
    for await (const entry of merged(await old.read(segment), end, added, removed)) {
      if (open.length > 0 && startsSegment(open.length, entry.order)) {
        yield open
        open = []
      }
      open.push(entry)
    }
  }
  yield* cut(open, added)
}

/** The first package of the next segment is its own, but when that goes, another may join this one. */
function isTouched(
  end: PackageOrder | undefined,
  { next: entry }: Peekable<PackageEntry>,
  { next: gone }: Peekable<PackageOrder>,
): boolean {
  if (end === undefined) return entry !== undefined || gone !== undefined
  return (
    (entry !== undefined && compareOrder(entry.order, end) < 0) || (gone !== undefined && compareOrder(gone, end) <= 0)
  )
}

/** The packages of one segment with what came before `end`, without those that went. */
async function* merged(
  entries: readonly PackageEntry[],
  end: PackageOrder | undefined,
  added: Peekable<PackageEntry>,
  removed: Peekable<PackageOrder>,
): AsyncGenerator<PackageEntry> {
  for (const entry of entries) {
    yield* before(entry.order, added)
    const gone = removed.next
    const order = gone === undefined ? 1 : compareOrder(gone, entry.order)
    if (order < 0) throw missing(gone)
    if (order === 0) await removed.advance()
    else yield entry
  }
  yield* before(end, added)
  const gone = removed.next
  if (gone !== undefined && (end === undefined || compareOrder(gone, end) < 0)) throw missing(gone)
}

async function* before(end: PackageOrder | undefined, added: Peekable<PackageEntry>): AsyncGenerator<PackageEntry> {
  for (let entry = added.next; entry !== undefined; entry = added.next) {
    if (end !== undefined && compareOrder(entry.order, end) >= 0) return
    yield entry
    await added.advance()
  }
}

/** The last segment, with what there is without any old one. */
async function* cut(open: PackageEntry[], added: Peekable<PackageEntry>): AsyncGenerator<readonly PackageEntry[]> {
  let last = open
  for await (const entry of before(undefined, added)) {
    if (last.length > 0 && startsSegment(last.length, entry.order)) {
      yield last
      last = []
    }
    last.push(entry)
  }
  if (last.length > 0) yield last
}

function missing(order: PackageOrder | undefined): DeckleError {
  return unusableSegments(`they do not have ${order?.join(' ')}`)
}
