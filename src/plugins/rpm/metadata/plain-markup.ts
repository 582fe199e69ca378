const lessThan = 0x3c
const greaterThan = 0x3e
const slash = 0x2f
const equals = 0x3d
const numberSign = 0x23
const ampersand = 0x26
const space = 0x20
const doubleQuote = 0x22
const singleQuote = 0x27
const references = ['lt;', 'gt;', 'amp;', 'quot;', 'apos;'].map((name) => Buffer.from(name))
const knownPrefixes = ['rpm', 'xml'].map((name) => Buffer.from(name))
const declaration = Buffer.from('xmlns')
/** Repodata nests four deep. */
const mostOpen = 16

const plain = 0
const special = 1
/** What a byte of text needs, and of a value in quotes of either kind: nothing, or a closer look. */
const textKinds = kindsOf(isRemarkable)
const doubleKinds = kindsOf((byte) => byte === doubleQuote || isRemarkable(byte))
const singleKinds = kindsOf((byte) => byte === singleQuote || isRemarkable(byte))
/** Characters of names, but for those beyond ASCII. */
const nameKinds = kindsOf((byte) => /[\w.:-]/.test(String.fromCharCode(byte)) && byte < 0x80)
const nameStarts = kindsOf((byte) => /[a-z_]/i.test(String.fromCharCode(byte)) && byte < 0x80)

/**
 * Whether a piece of XML is an element as usual tools write it: sound in any case, so that it may be published as it is. One that is not
 * may be sound all the same; a real parser has to tell. Everything but its UTF-8 is looked at, about as fast as it can be decompressed:
 * a package that no client can read spoils the whole file for them.
 */
export function isPlainMarkup(data: Buffer): boolean {
  const walk = new Walk(data)
  return walk.isElement()
}

class Walk {
  readonly #data: Buffer
  /** Where the names of open elements begin and end. */
  readonly #open: number[] = []
  /** The same of the attributes of one tag. */
  readonly #names: number[] = []
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  isElement(): boolean {
    const data = this.#data
    while (this.#at < data.length) {
      if (data[this.#at] !== lessThan) return false
      const sound = data[this.#at + 1] === slash ? this.#endTag() : this.#startTag()
      if (!sound) return false
      if (this.#open.length === 0) return this.#at === data.length
      if (!this.#text(lessThan, textKinds)) return false
    }
    return false
  }

  /** Up to `end`, which is not passed; `kinds` marks it. */
  #text(end: number, kinds: Uint8Array): boolean {
    const data = this.#data
    const length = data.length
    for (let at = this.#at; at < length; at += 1) {
      if (kinds[data[at] ?? 0] === plain) continue
      if (data[at] === end) {
        this.#at = at
        return true
      }
      if (!this.#isSound(at)) return false
    }
    return false
  }

  #isSound(at: number): boolean {
    const data = this.#data
    switch (data[at]) {
      case ampersand:
        return isReference(data, at + 1)
      case 0xef:
        // U+FFFE and U+FFFF are no characters.
        return data[at + 1] !== 0xbf || (data[at + 2] ?? 0) < 0xbe
      default:
        return false
    }
  }

  #endTag(): boolean {
    const to = this.#open.pop() ?? 0
    const from = this.#open.pop() ?? 0
    const length = to - from
    const data = this.#data
    const start = this.#at + 2
    if (!this.#isSame(start, from, length)) return false
    this.#at = start + length
    this.#skipSpace()
    this.#at += 1
    return length > 0 && data[this.#at - 1] === greaterThan
  }

  #startTag(): boolean {
    const data = this.#data
    const from = this.#at + 1
    this.#at = from
    if (!this.#name()) return false
    this.#open.push(from, this.#at)
    if (this.#open.length > 2 * mostOpen || !this.#attributes()) return false
    if (data[this.#at] === slash) {
      this.#open.length -= 2
      this.#at += 1
    }
    this.#at += 1
    return data[this.#at - 1] === greaterThan
  }

  /** Up to what ends the tag. */
  #attributes(): boolean {
    const data = this.#data
    if (data[this.#at] === greaterThan) return true
    const names = this.#names
    names.length = 0
    for (;;) {
      const hadSpace = this.#skipSpace()
      const byte = data[this.#at]
      if (byte === greaterThan || byte === slash) return true
      const from = this.#at
      if (!hadSpace || !this.#name() || isAt(data, from, declaration) || this.#isThere(names, from, this.#at))
        return false
      names.push(from, this.#at)
      if (!this.#value()) return false
    }
  }

  #isThere(names: readonly number[], from: number, to: number): boolean {
    for (let index = 0; index < names.length; index += 2) {
      const [start = 0, end = 0] = [names[index], names[index + 1]]
      if (end - start === to - from && this.#isSame(start, from, end - start)) return true
    }
    return false
  }

  #isSame(one: number, other: number, length: number): boolean {
    const data = this.#data
    for (let index = 0; index < length; index += 1) if (data[one + index] !== data[other + index]) return false
    return true
  }

  #value(): boolean {
    const quote = this.#data[this.#at + 1]
    if (this.#data[this.#at] !== equals || (quote !== doubleQuote && quote !== singleQuote)) return false
    this.#at += 2
    const sound = this.#text(quote, quote === doubleQuote ? doubleKinds : singleKinds)
    this.#at += 1
    return sound
  }

  #name(): boolean {
    const data = this.#data
    const from = this.#at
    if (nameStarts[data[from] ?? 0] === plain) return false
    let colon = -1
    let at = from
    for (; nameKinds[data[at] ?? 0] !== plain; at += 1) {
      if (data[at] !== 0x3a) continue
      if (colon !== -1) return false
      colon = at
    }
    this.#at = at
    return colon === -1 || (colon - from === 3 && nameStarts[data[colon + 1] ?? 0] !== plain && this.#isKnown(from))
  }

  #isKnown(from: number): boolean {
    return knownPrefixes.some((prefix) => isAt(this.#data, from, prefix))
  }

  #skipSpace(): boolean {
    const from = this.#at
    while (isSpace(this.#data[this.#at])) this.#at += 1
    return this.#at > from
  }
}

function kindsOf(isSpecial: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isSpecial(byte) ? special : plain))
}

function isRemarkable(byte: number): boolean {
  return isControl(byte) || byte === lessThan || byte === ampersand || byte === 0xef
}

function isControl(byte: number): boolean {
  return byte < space && !isSpace(byte)
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isReference(data: Buffer, at: number): boolean {
  for (const name of references) if (isAt(data, at, name)) return true
  return data[at] === numberSign && isCharacterReference(data, at + 1)
}

/** Tools write what is beyond ASCII so in attributes. */
function isCharacterReference(data: Buffer, at: number): boolean {
  const [, hex, decimal] = /^(?:x([\da-f]{1,6})|(\d{1,7}));/i.exec(data.toString('latin1', at, at + 9)) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (code < space) return isSpace(code)
  return (code >= space && code < 0xd800) || (code >= 0xe000 && code <= 0x10ffff && code !== 0xfffe && code !== 0xffff)
}

function isAt(data: Buffer, at: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index += 1) if (data[at + index] !== name[index]) return false
  return true
}
