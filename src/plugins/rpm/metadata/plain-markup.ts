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
const rpmPrefix = Buffer.from('rpm')
const xmlPrefix = Buffer.from('xml')
const declaration = Buffer.from('xmlns')
/** Repodata nests four deep, and no tag of it has more than seven attributes. */
const mostOpen = 16
const mostAttributes = 32

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
  return walk.isElement(data)
}

/** Walks over one piece after the other, and makes no object for any of them: it sees every byte of large repositories. */
class Walk {
  #data: Uint8Array = new Uint8Array(0)
  #at = 0
  /** Where the names of open elements begin and end. */
  readonly #open = new Int32Array(2 * mostOpen)
  #opened = 0
  /** The same of the attributes of one tag. */
  readonly #names = new Int32Array(2 * mostAttributes)

  isElement(data: Uint8Array): boolean {
    this.#data = data
    this.#at = 0
    this.#opened = 0
    while (data[this.#at] === lessThan) {
      const sound = data[this.#at + 1] === slash ? this.#endTag() : this.#startTag()
      if (!sound) return false
      if (this.#opened === 0) return this.#at === data.length
      if (!this.#text(lessThan, textKinds)) return false
    }
    return false
  }

  /** Up to `end`, which is not passed; `kinds` marks it. */
  #text(end: number, kinds: Uint8Array): boolean {
    const data = this.#data
    const length = data.length
    for (let at = this.#at; at < length; at += 1) {
      while (at + 4 < length && arePlain(kinds, data, at)) at += 4
      const byte = data[at] as number
      if (kinds[byte] === plain) continue
      if (byte === end) {
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
    if (this.#opened === 0) return false
    this.#opened -= 2
    const from = this.#open[this.#opened] as number
    const length = (this.#open[this.#opened + 1] as number) - from
    const start = this.#at + 2
    if (!this.#isSame(start, from, length)) return false
    this.#at = start + length
    this.#skipSpace()
    this.#at += 1
    return this.#data[this.#at - 1] === greaterThan
  }

  #startTag(): boolean {
    const data = this.#data
    const from = this.#at + 1
    this.#at = from
    if (!this.#name() || this.#opened === this.#open.length) return false
    this.#open[this.#opened] = from
    this.#open[this.#opened + 1] = this.#at
    this.#opened += 2
    if (data[this.#at] !== greaterThan && !this.#attributes()) return false
    if (data[this.#at] === slash) {
      this.#opened -= 2
      this.#at += 1
    }
    this.#at += 1
    return data[this.#at - 1] === greaterThan
  }

  /** Up to what ends the tag. */
  #attributes(): boolean {
    const data = this.#data
    for (let known = 0; ; known += 2) {
      const hadSpace = this.#skipSpace()
      const byte = data[this.#at]
      if (byte === greaterThan || byte === slash) return true
      if (!hadSpace || known === this.#names.length || !this.#attribute(known)) return false
    }
  }

  /** One behind `known` names and ends of others. */
  #attribute(known: number): boolean {
    const from = this.#at
    if (!this.#name() || isAt(this.#data, from, declaration) || this.#isThere(known, from, this.#at)) return false
    this.#names[known] = from
    this.#names[known + 1] = this.#at
    return this.#value()
  }

  #isThere(known: number, from: number, to: number): boolean {
    const names = this.#names
    for (let index = 0; index < known; index += 2) {
      const start = names[index] as number
      if ((names[index + 1] as number) - start === to - from && this.#isSame(start, from, to - from)) return true
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
    return colon === -1 || (colon - from === 3 && nameStarts[data[colon + 1] ?? 0] !== plain && isKnown(data, from))
  }

  #skipSpace(): boolean {
    const from = this.#at
    while (isSpace(this.#data[this.#at])) this.#at += 1
    return this.#at > from
  }
}

const walk = new Walk()

/** Whether four bytes need nothing: nearly all of a text does not, and one question for four costs half of four questions. */
function arePlain(kinds: Uint8Array, data: Uint8Array, at: number): boolean {
  const one = (kinds[data[at] as number] as number) | (kinds[data[at + 1] as number] as number)
  return (one | (kinds[data[at + 2] as number] as number) | (kinds[data[at + 3] as number] as number)) === plain
}

function isKnown(data: Uint8Array, from: number): boolean {
  return isAt(data, from, rpmPrefix) || isAt(data, from, xmlPrefix)
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

function isReference(data: Uint8Array, at: number): boolean {
  for (const name of references) if (isAt(data, at, name)) return true
  return data[at] === numberSign && isCharacterReference(data, at + 1)
}

/** Tools write what is beyond ASCII so in attributes. */
function isCharacterReference(data: Uint8Array, at: number): boolean {
  const [, hex, decimal] =
    /^(?:x([\da-f]{1,6})|(\d{1,7}));/i.exec(String.fromCharCode(...data.subarray(at, at + 9))) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (code < space) return isSpace(code)
  return (code >= space && code < 0xd800) || (code >= 0xe000 && code <= 0x10ffff && code !== 0xfffe && code !== 0xffff)
}

function isAt(data: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index += 1) if (data[at + index] !== name[index]) return false
  return true
}
