import { isAscii } from 'node:buffer'
import { unescapeXml } from '../../../formats/xml-text.ts'
import { attributeOf, decodeXml, madeOnce, tagEnd } from './tag-text.ts'

/** A start tag, or an element without content. */
interface Tag {
  /** Bytes from the start of the element that it was found in. */
  readonly start: number
  /** Behind its `>`. */
  readonly end: number
  readonly text: string
  /** `<a/>`. */
  readonly closed: boolean
}

const greaterThan = 0x3e

/**
 * Finds elements by name in a larger one, without parsing it; each is looked for behind the one before, since all tools write them in
 * the same order. Only its head is read, up to the tag of the element `lastOfHead`, as long as everything is found there.
 */
export class ElementFields {
  readonly #snippet: Buffer
  /** Has one character for each byte. */
  #text: string
  #at = 0
  /** Nearly always texts say what they say as they stand. */
  #decode: (bytes: string) => string

  constructor(snippet: Buffer, lastOfHead: string) {
    this.#snippet = snippet
    const last = snippet.indexOf(startOf(lastOfHead))
    const end = last === -1 ? -1 : snippet.indexOf(greaterThan, last)
    this.#text = snippet.toString('latin1', 0, end === -1 ? snippet.length : end + 1)
    const isPlain = isAscii(snippet) && !this.#text.includes('\r')
    this.#decode = isPlain ? unescapeXml : decodeXml
  }

  tag(name: string): Tag | undefined {
    const start = this.#find(name)
    const end = start === -1 ? -1 : tagEnd(this.#text, start)
    if (end === -1) return undefined
    return { start, end: end + 1, text: this.#text.slice(start, end + 1), closed: this.#text.charAt(end - 1) === '/' }
  }

  /** The text of the element's start tag; empty without the element. */
  startTag(name: string): string {
    return this.tag(name)?.text ?? ''
  }

  text(name: string): string {
    const start = this.#find(name)
    const end = start === -1 ? -1 : tagEnd(this.#text, start)
    if (end === -1 || this.#text.charAt(end - 1) === '/') return ''
    const close = this.#text.indexOf('</', end)
    return close === -1 ? '' : this.#decode(this.#text.slice(end + 1, close))
  }

  /** Of a start tag that was found here. */
  attribute(tag: string, name: string): string | undefined {
    return attributeOf(tag, name, this.#decode)
  }

  /** `<name` followed by what ends a name; -1 without one. */
  #find(name: string): number {
    const start = startOf(name)
    let found = this.#findFrom(start, this.#at)
    if (found === -1) found = this.#findFrom(start, 0)
    if (found === -1 && this.#widen()) found = this.#findFrom(start, 0)
    if (found !== -1) this.#at = found
    return found
  }

  #findFrom(start: string, from: number): number {
    let at = this.#text.indexOf(start, from)
    while (at !== -1 && !endsName(this.#text.charCodeAt(at + start.length))) at = this.#text.indexOf(start, at + 1)
    return at
  }

  /** Takes in what is behind the head. False when all of it was there. */
  #widen(): boolean {
    if (this.#text.length === this.#snippet.length) return false
    this.#text = this.#snippet.toString('latin1')
    this.#decode = decodeXml
    return true
  }
}

const startOf = madeOnce((name) => `<${name}`)

/** What may stand behind the name of a start tag: white space, `/` or `>`. */
function endsName(code: number): boolean {
  return code === greaterThan || code === 0x2f || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
