import { FormatError } from '../../../formats/format-error.ts'
import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'

/** Bytes of an element of repodata. A header in which many files share a long folder could make more of itself than memory holds. */
const maxBytes = 64 * 1024 ** 2

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** Prints an element of repodata line by line, in the form in which createrepo_c does. Throws a FormatError when it gets too large. */
export class XmlSnippet {
  readonly #parts: Buffer[] = []
  #lines = ''
  #bytes = 0

  open(depth: number, name: string, attributes: Attributes = {}): void {
    this.#add(`${indent(depth)}<${name}${attributesText(attributes)}>\n`)
  }

  close(depth: number, name: string): void {
    this.#add(`${indent(depth)}</${name}>\n`)
  }

  /** An element that holds text or nothing. */
  leaf(depth: number, name: string, text = '', attributes: Attributes = {}): void {
    const start = `${indent(depth)}<${name}${attributesText(attributes)}`
    this.#add(text === '' ? `${start}/>\n` : `${start}>${escapeText(text)}</${name}>\n`)
  }

  /** Without the last line feed. */
  bytes(): Buffer {
    this.#flush()
    return Buffer.concat(this.#parts).subarray(0, -1)
  }

  #add(line: string): void {
    this.#lines += line
    if (this.#lines.length > 64 * 1024) this.#flush()
  }

  #flush(): void {
    const part = Buffer.from(this.#lines)
    this.#lines = ''
    this.#parts.push(part)
    this.#bytes += part.length
    if (this.#bytes > maxBytes) throw new FormatError('too-large', `its metadata is larger than ${maxBytes} bytes`)
  }
}

function indent(depth: number): string {
  return '  '.repeat(depth)
}

function attributesText(attributes: Attributes): string {
  let text = ''
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${name}="${escapeAttribute(String(value))}"`
  }
  return text
}
