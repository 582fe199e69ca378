import { FormatError } from './format-error.ts'

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** What XML 1.0 §2.2 forbids in a document, in any form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be found
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

/** `text` as it may stand in an element. Characters that no XML document can hold become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(forbidden, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#13;')
}

/** `text` as it may stand between the double quotes of an attribute. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, '&quot;').replace(/\t/g, '&#9;').replace(/\n/g, '&#10;')
}

/** The reverse: the five named entities and character references. Throws a FormatError on any other. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  let open = ''
  let from = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at)
    const value = end === -1 ? undefined : entity(text.slice(at + 1, end))
    if (value === undefined)
      throw new FormatError('malformed', `the XML has an unknown entity ${text.slice(at, at + 20)}`)
    open += text.slice(from, at) + value
    from = end + 1
  }
  return open + text.slice(from)
}

function entity(name: string): string | undefined {
  if (Object.hasOwn(named, name)) return named[name]
  const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name)
  if (digits === null) return undefined
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
