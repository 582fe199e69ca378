import { isUtf8 } from 'node:buffer'
import { FormatError } from '../../../formats/format-error.ts'
import { OddMarkup } from './odd-markup.ts'
import { isPlainMarkup } from './plain-markup.ts'
import { type RootTag, readRootTag } from './root-tag.ts'
import { tagEndInBytes } from './tag-text.ts'

/** One `<package>` element as it stands in the file. */
export interface Snippet {
  readonly bytes: Buffer
  /**
   * False when it is not written in the usual way, which makes it unsafe to scan and to publish (comments, CDATA, foreign namespaces,
   * what is no XML at all): parse it then.
   */
  readonly regular: boolean
}

const space = 0x20
const slash = 0x2f
const lessThan = 0x3c
const greaterThan = 0x3e
const packageStart = Buffer.from('<package')
const byteOrderMark = Buffer.from('\ufeff')
const packageEnd = Buffer.from('</package')
/** Of one package, open. The largest known have some 10 MB of file names. */
const maxPackageBytes = 32 * 1024 * 1024

/**
 * Cuts a primary, filelists or other file into its packages, without parsing what is in them. Input may be cut anywhere.
 * About as fast as the input can be decompressed; a real XML parser takes five times as long (design-notes §1.2).
 */
export class PackageScanner {
  /** Packages found so far. */
  packages = 0
  #root: RootTag | undefined
  #ended = false
  #data: Buffer = Buffer.alloc(0)
  #at = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  /** Known once packages come. */
  get root(): RootTag | undefined {
    return this.#root
  }

  push(chunk: Uint8Array): readonly Snippet[] {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    // A rest is looked at again only when it has doubled, else a huge package would take quadratic time.
    return this.#waitingBytes < this.#data.length - this.#at ? [] : this.#scan()
  }

  /** The last packages. Throws a FormatError when the file is not complete. */
  finish(): readonly Snippet[] {
    const snippets = this.#scan()
    if (!this.#ended || this.#at < this.#data.length)
      throw new FormatError('truncated', 'the file ends before its root element does')
    return snippets
  }

  /** Joins only the package that two chunks share: what comes in whole is not copied. */
  #scan(): readonly Snippet[] {
    const chunks = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    const [chunk, ...more] = chunks
    if (chunk === undefined || more.length > 0) return this.#scanJoined(...chunks)
    const cut = behindFirstPackage(chunk)
    if (cut === 0) return this.#scanJoined(chunk)
    return [...this.#scanJoined(chunk.subarray(0, cut)), ...this.#scanJoined(chunk.subarray(cut))]
  }

  #scanJoined(...chunks: readonly Uint8Array[]): readonly Snippet[] {
    const rest = this.#data.subarray(this.#at)
    const [chunk] = chunks
    const whole = rest.length === 0 && chunks.length === 1 ? chunk : undefined
    this.#data = whole === undefined ? Buffer.concat([rest, ...chunks]) : asBuffer(whole)
    this.#at = 0
    if (this.#root === undefined && this.#data.subarray(0, 3).equals(byteOrderMark)) this.#at = 3
    const odd = new OddMarkup(this.#data)
    const snippets: Snippet[] = []
    while (this.#readOne(odd, snippets));
    if (this.#data.length - this.#at > maxPackageBytes) {
      throw new FormatError('too-large', `a package takes more than ${maxPackageBytes} bytes`)
    }
    return snippets
  }

  /** Reads the next piece of markup outside of packages, or a package. False when more input is needed. */
  #readOne(odd: OddMarkup, snippets: Snippet[]): boolean {
    this.#skipSpace()
    if (this.#at + 2 >= this.#data.length) return false
    if (this.#data[this.#at] !== lessThan) throw this.#unexpected('text')
    if (odd.startsAt(this.#at)) return this.#advance(odd.skip(this.#at))
    if (this.#root === undefined) return this.#readRoot()
    if (this.#ended) throw this.#unexpected('an element after the root')
    if (this.#data[this.#at + 1] === slash) return this.#readRootEnd()
    return this.#readPackage(odd, snippets, this.#root)
  }

  #readRoot(): boolean {
    const end = tagEndInBytes(this.#data, this.#at)
    if (end === -1) return false
    this.#root = readRootTag(this.#data.toString('latin1', this.#at, end + 1))
    this.#ended = this.#data[end - 1] === slash
    return this.#advance(end + 1)
  }

  #readRootEnd(): boolean {
    const end = this.#data.indexOf(greaterThan, this.#at)
    if (end === -1) return false
    const name = this.#data.toString('latin1', this.#at + 2, end).trim()
    if (name !== this.#root?.name) throw this.#unexpected(`the end of ${name}`)
    this.#ended = true
    return this.#advance(end + 1)
  }

  #readPackage(odd: OddMarkup, snippets: Snippet[], root: RootTag): boolean {
    const nameEnd = this.#at + packageStart.length
    if (nameEnd >= this.#data.length) return false
    const isPackage = this.#data.compare(packageStart, 0, packageStart.length, this.#at, nameEnd) === 0
    if (!isPackage || !endsName(this.#data[nameEnd])) throw this.#unexpected('an element that is no package')
    const firstOdd = odd.first(this.#at)
    const end = this.#packageEnd(odd)
    if (end === -1) return false
    const bytes = this.#data.subarray(this.#at, end)
    const regular = root.regular && firstOdd >= end && isPlainMarkup(bytes) && isUtf8(bytes)
    snippets.push({ bytes, regular })
    this.packages += 1
    return this.#advance(end)
  }

  /** Behind the package that starts here; -1 when it is not all there. */
  #packageEnd(odd: OddMarkup): number {
    const startTagEnd = tagEndInBytes(this.#data, this.#at)
    if (startTagEnd === -1) return -1
    if (this.#data[startTagEnd - 1] === slash) return startTagEnd + 1
    let from = startTagEnd
    while (true) {
      const end = this.#data.indexOf(packageEnd, from)
      if (end === -1) return -1
      const skipped = odd.skipAllBefore(from, end)
      if (skipped === -1) return -1
      const nameEnd = end + packageEnd.length
      if (skipped <= end && endsName(this.#data[nameEnd]))
        return afterOrMissing(this.#data.indexOf(greaterThan, nameEnd))
      if (nameEnd >= this.#data.length) return -1
      from = Math.max(skipped, nameEnd)
    }
  }

  #skipSpace(): void {
    while (this.#at < this.#data.length && isSpace(this.#data[this.#at])) this.#at += 1
  }

  #advance(to: number): boolean {
    if (to === -1) return false
    this.#at = to
    return true
  }

  #unexpected(what: string): FormatError {
    return new FormatError('malformed', `there is ${what} where a package should be, after ${this.packages} packages`)
  }
}

/** Where the rest of a chunk begins that no package before it reaches into; 0 where that cannot be said. */
function behindFirstPackage(chunk: Uint8Array): number {
  const bytes = asBuffer(chunk)
  const end = bytes.indexOf(packageEnd)
  return end === -1 ? 0 : Math.max(afterOrMissing(bytes.indexOf(greaterThan, end)), 0)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function afterOrMissing(index: number): number {
  return index === -1 ? -1 : index + 1
}

/** The character behind an element's name, in a start or end tag. */
function endsName(code: number | undefined): boolean {
  return code === greaterThan || code === slash || isSpace(code)
}

function isSpace(code: number | undefined): boolean {
  return code === space || code === 0x0a || code === 0x0d || code === 0x09
}
