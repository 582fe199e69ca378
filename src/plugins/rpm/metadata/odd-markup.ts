import { FormatError } from '../../../formats/format-error.ts'

const lessThan = 0x3c
const exclamation = 0x21
const question = 0x3f

const ends = [
  { start: Buffer.from('<!--'), end: Buffer.from('-->') },
  { start: Buffer.from('<![CDATA['), end: Buffer.from(']]>') },
  { start: Buffer.from('<?'), end: Buffer.from('?>') },
]

/** Finds comments, CDATA and processing instructions in a piece of XML: what may hold text that looks like tags. */
export class OddMarkup {
  readonly #data: Buffer
  /** Positions of the next `<!` and `<?` not before the last question; they only grow, so all questions cost one pass. */
  readonly #next: Record<typeof exclamation | typeof question, number>

  constructor(data: Buffer) {
    this.#data = data
    this.#next = { [exclamation]: this.#find(exclamation, 0), [question]: this.#find(question, 0) }
  }

  startsAt(at: number): boolean {
    const code = this.#data[at + 1]
    return this.#data[at] === lessThan && (code === exclamation || code === question)
  }

  /** Where the first one at or behind `from` begins; infinity without one. Questions must come in order of `from`. */
  first(from: number): number {
    for (const code of [exclamation, question] as const) {
      if (this.#next[code] < from) this.#next[code] = this.#find(code, from)
    }
    return Math.min(this.#next[exclamation], this.#next[question])
  }

  /** Where the one that starts at `at` ends; -1 when that is not there yet. */
  skip(at: number): number {
    for (const { start, end } of ends) {
      const there = this.#data.subarray(at, at + start.length)
      if (there.length < start.length && start.subarray(0, there.length).equals(there)) return -1
      if (!there.equals(start)) continue
      const found = this.#data.indexOf(end, at + start.length)
      return found === -1 ? -1 : found + end.length
    }
    throw new FormatError('malformed', 'it has a document type or another declaration, which repodata never has')
  }

  /** Behind all that begin before `limit`, or `from` when there are none; -1 when the end of one is not there yet. */
  skipAllBefore(from: number, limit: number): number {
    let at = from
    for (let next = this.first(at); next < limit; next = this.first(at)) {
      at = this.skip(next)
      if (at === -1) return -1
    }
    return at
  }

  /** The single character is looked for, since it is rare; `<` is everywhere. */
  #find(code: number, from: number): number {
    let at = this.#data.indexOf(code, from + 1)
    while (at !== -1 && this.#data[at - 1] !== lessThan) at = this.#data.indexOf(code, at + 1)
    return at === -1 ? Number.POSITIVE_INFINITY : at - 1
  }
}
