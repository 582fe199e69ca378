import { FormatError } from '../format-error.ts'

/** Where the values of a tag lie in the data of its header. */
export interface HeaderEntry {
  readonly tag: number
  readonly type: number
  /** Of values. */
  readonly count: number
  readonly offset: number
  readonly end: number
}

export const entryBytes = 16

/** Types of values (rpmtag.h). */
export const valueTypes = { int8: 2, int16: 3, int32: 4, int64: 5, string: 6, binary: 7, strings: 8, i18n: 9 } as const

/** Bytes of a value, by type; those that end with a zero byte have 0. Type 0 holds nothing and is refused. */
const widths = [undefined, 1, 1, 2, 4, 8, 0, 1, 0, 0]

/** No package has a million files or dependencies; more are an attack on memory. */
const maxValues = 1_000_000

/**
 * Reads the index of a header and checks it against the data: known types, every value within the data, no two entries that
 * share bytes, no tag twice. Costs one pass over the data, whatever the index says. Throws a FormatError.
 */
export function readEntries(index: Buffer, data: Buffer): ReadonlyMap<number, HeaderEntry> {
  const starts = Array.from({ length: index.length / entryBytes }, (_, at) => readStart(index, at * entryBytes))
  starts.sort((one, two) => one.offset - two.offset)
  const entries = new Map<number, HeaderEntry>()
  for (const [at, start] of starts.entries()) {
    const limit = starts[at + 1]?.offset ?? data.length
    if (start.offset > data.length || limit > data.length) throw malformed(start.tag, 'lies outside of the data')
    if (entries.has(start.tag)) throw malformed(start.tag, 'is there twice')
    entries.set(start.tag, { ...start, end: endOf(start, data, limit) })
  }
  return entries
}

type Start = Omit<HeaderEntry, 'end'>

function readStart(index: Buffer, at: number): Start {
  const field = (number: number) => index.readUInt32BE(at + number * 4)
  const start = { tag: field(0), type: field(1), offset: field(2), count: field(3) }
  if (widths[start.type] === undefined) throw malformed(start.tag, `has the unknown type ${start.type}`)
  if (start.count === 0) throw malformed(start.tag, 'has no values')
  return start
}

/** Behind the last value, which must not be beyond `limit`, where the next entry begins. */
function endOf({ tag, type, count, offset }: Start, data: Buffer, limit: number): number {
  const width = widths[type] ?? 0
  if (type !== valueTypes.binary && count > maxValues) {
    throw new FormatError('too-large', `tag ${tag} of the header has ${count} values, at most ${maxValues} are read`)
  }
  const end = width > 0 ? offset + width * count : endOfTexts(data, offset, count, limit)
  if (end === undefined || end > limit) throw malformed(tag, 'reaches beyond its place')
  return end
}

function endOfTexts(data: Buffer, offset: number, count: number, limit: number): number | undefined {
  let end = offset
  for (let texts = 0; texts < count; texts++) {
    const zero = data.indexOf(0, end)
    if (zero === -1 || zero >= limit) return undefined
    end = zero + 1
  }
  return end
}

function malformed(tag: number, reason: string): FormatError {
  return new FormatError('malformed', `tag ${tag} of the header ${reason}`)
}
