import { unescapeXml } from '../../../formats/xml-text.ts'

const doubleQuote = 0x22
const singleQuote = 0x27
const greaterThan = 0x3e

/** Index of the `>` that ends the tag which starts at `from`; a `>` within quotes does not. -1 when the text ends before. */
export function tagEnd(text: string, from: number): number {
  let quote = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quote !== 0) quote = code === quote ? 0 : quote
    else if (code === greaterThan) return at
    else if (code === doubleQuote || code === singleQuote) quote = code
  }
  return -1
}

/** The same on bytes. */
export function tagEndInBytes(bytes: Uint8Array, from: number): number {
  let quote = 0
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at]
    if (quote !== 0) quote = code === quote ? 0 : quote
    else if (code === greaterThan) return at
    else if (code === doubleQuote || code === singleQuote) quote = code
  }
  return -1
}

const attribute = /([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** The attributes of a start tag, names as they are written, values decoded. `tag` has one character for each byte. */
export function attributesOf(tag: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', double, single] of tag.matchAll(attribute)) {
    found.set(name, decodeXml(double ?? single ?? ''))
  }
  return found
}

/** One attribute of a start tag, decoded. The usual spelling is found without taking the tag apart. */
export function attributeOf(tag: string, name: string, decode = decodeXml): string | undefined {
  const start = attributeStart(name)
  const at = tag.indexOf(start)
  if (at === -1 && !tag.includes(name)) return undefined
  // A single quote may enclose what looks like an attribute.
  if (at === -1 || tag.includes("'")) return attributesOf(tag).get(name)
  const from = at + start.length
  const end = tag.indexOf('"', from)
  return end === -1 ? undefined : decode(tag.slice(from, end))
}

/** What is made of a name, made once: for the few names that packages are searched for, again and again. */
export function madeOnce(make: (name: string) => string): (name: string) => string {
  const made = new Map<string, string>()
  return (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const text = make(name)
    made.set(name, text)
    return text
  }
}

const attributeStart = madeOnce((name) => ` ${name}="`)

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
const beyondAscii = /[^\u0000-\u007f]/

/** A copy of a text that lives long: what is cut out of a larger text, or joined of such, keeps all of that in memory. */
export function ownText(text: string): string {
  return Buffer.from(text).toString()
}

/** What text of an XML document says. `bytes` has one character for each byte of its UTF-8. */
export function decodeXml(bytes: string): string {
  const text = beyondAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  return unescapeXml(plain)
}
