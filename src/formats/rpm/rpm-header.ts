import { type HeaderEntry, readEntries, valueTypes } from './header-entries.ts'

const integers: Readonly<Record<number, { readonly width: number; read(data: Buffer, at: number): number }>> = {
  [valueTypes.int8]: { width: 1, read: (data, at) => data.readUInt8(at) },
  [valueTypes.int16]: { width: 2, read: (data, at) => data.readUInt16BE(at) },
  [valueTypes.int32]: { width: 4, read: (data, at) => data.readUInt32BE(at) },
  // Sizes and times; none comes near 2^53.
  [valueTypes.int64]: { width: 8, read: (data, at) => Number(data.readBigUInt64BE(at)) },
}

/**
 * The tags of a header, read from its bytes when they are asked for: nothing is held besides them. A tag of a type that does not
 * fit the question counts as absent, as it does for rpm.
 */
export class RpmHeader {
  readonly #entries: ReadonlyMap<number, HeaderEntry>
  readonly #data: Buffer

  /** Throws a FormatError when the index does not fit the data. */
  constructor(index: Buffer, data: Buffer) {
    this.#entries = readEntries(index, data)
    this.#data = data
  }

  has(tag: number): boolean {
    return this.#entries.has(tag)
  }

  /** The bytes of a text, without the zero at its end; of one in several languages those of the first, which is English. */
  text(tag: number): Buffer | undefined {
    const entry = this.#entries.get(tag)
    const single = entry !== undefined && (entry.count === 1 || entry.type === valueTypes.i18n)
    return single ? this.texts(tag)[Symbol.iterator]().next().value : undefined
  }

  /** All texts of a list. */
  *texts(tag: number): Generator<Buffer, undefined> {
    const entry = this.#entries.get(tag)
    if (entry === undefined || !isText(entry.type)) return
    for (let [at, left] = [entry.offset, entry.count]; left > 0; left--) {
      const end = this.#data.indexOf(0, at)
      yield this.#data.subarray(at, end)
      at = end + 1
    }
  }

  /** The first of the numbers. */
  number(tag: number): number | undefined {
    return this.numbers(tag).next().value
  }

  *numbers(tag: number): Generator<number, undefined> {
    const entry = this.#entries.get(tag)
    const integer = entry && integers[entry.type]
    if (entry === undefined || integer === undefined) return
    for (let at = entry.offset; at < entry.end; at += integer.width) yield integer.read(this.#data, at)
  }

  binary(tag: number): Buffer | undefined {
    const entry = this.#entries.get(tag)
    return entry?.type === valueTypes.binary ? this.#data.subarray(entry.offset, entry.end) : undefined
  }
}

function isText(type: number): boolean {
  return type === valueTypes.string || type === valueTypes.strings || type === valueTypes.i18n
}
