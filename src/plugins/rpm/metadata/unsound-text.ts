const ampersand = 0x26
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const firstPrintable = 0x20
/** UTF-8 of U+FFFE and U+FFFF, but for the last byte. */
const nonCharacter = Buffer.from([0xef, 0xbf])
const references = ['lt;', 'gt;', 'amp;', 'quot;', 'apos;'].map((name) => Buffer.from(name))

/**
 * Finds what no XML parser takes in a piece of XML, and what it takes only sometimes: control characters, references to other than the
 * five usual characters. Whoever publishes such a piece as it is spoils the whole file for clients.
 */
export class UnsoundText {
  readonly #data: Buffer
  /** Of each kind the next one not before the last question; they only grow, so all questions cost one pass. */
  readonly #next = { unsound: -1, nonCharacter: -1 }

  constructor(data: Buffer) {
    this.#data = data
  }

  /** Where the first one at or behind `from` is; infinity without one. Questions must come in order of `from`. */
  first(from: number): number {
    const next = this.#next
    if (next.unsound < from) next.unsound = findUnsound(this.#data, from)
    if (next.nonCharacter < from) next.nonCharacter = findNonCharacter(this.#data, from)
    return Math.min(next.unsound, next.nonCharacter)
  }
}

/** Four bytes at a time: a look at each one takes as long as to decompress them. */
function findUnsound(data: Buffer, from: number): number {
  let at = from
  for (; at < data.length && (data.byteOffset + at) % 4 !== 0; at += 1) if (isUnsound(data, at)) return at
  if (at >= data.length) return Number.POSITIVE_INFINITY
  const words = new Int32Array(data.buffer, data.byteOffset + at, (data.length - at) >> 2)
  for (let index = 0; index < words.length; index += 1) {
    if (!isSuspicious(words[index] ?? 0)) continue
    const start = at + index * 4
    for (let byte = start; byte < start + 4; byte += 1) if (isUnsound(data, byte)) return byte
  }
  for (at += words.length * 4; at < data.length; at += 1) if (isUnsound(data, at)) return at
  return Number.POSITIVE_INFINITY
}

/** Whether one of four bytes is less than 0x20, or an ampersand: a byte that is subtracted from borrows (Warren, Hacker's Delight §6-1). */
function isSuspicious(word: number): boolean {
  const other = word ^ 0x26262626
  return ((((word - 0x20202020) & ~word) | ((other - 0x01010101) & ~other)) & 0x80808080) !== 0
}

function isUnsound(data: Buffer, at: number): boolean {
  const byte = data[at] ?? firstPrintable
  if (byte === ampersand) return !isReference(data, at + 1)
  return byte < firstPrintable && byte !== lineFeed && byte !== tab && byte !== carriageReturn
}

function isReference(data: Buffer, at: number): boolean {
  for (const name of references) if (isAt(data, at, name)) return true
  return false
}

function isAt(data: Buffer, at: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index += 1) if (data[at + index] !== name[index]) return false
  return true
}

function findNonCharacter(data: Buffer, from: number): number {
  let at = data.indexOf(nonCharacter, from)
  while (at !== -1 && (data[at + 2] ?? 0) < 0xbe) at = data.indexOf(nonCharacter, at + 1)
  return at === -1 ? Number.POSITIVE_INFINITY : at
}
