import { SaxesParser, type SaxesTagNS } from 'saxes'
import { FormatError } from './format-error.ts'

/** An element of a small document. Comments and processing instructions are gone, CDATA is text, prefixes are resolved. */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string
  /** Namespace URI; empty without one. */
  readonly namespace: string
  /** By local name; those of the xml namespace as `xml:base`. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All text directly in the element. */
  readonly text: string
}

export interface XmlLimits {
  /** Bytes; default 16 MiB. */
  readonly maxBytes?: number
  /** Elements within elements; default 32. */
  readonly maxDepth?: number
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

/**
 * Reads a whole document into a tree: for documents that are small by nature. It must be well-formed and UTF-8. Entities of a
 * document type are not expanded, so there are no entity bombs. Throws a FormatError.
 */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = {}): XmlElement {
  const maxBytes = limits.maxBytes ?? 16 * 1024 * 1024
  if (bytes.length > maxBytes) throw new FormatError('too-large', `the XML document is larger than ${maxBytes} bytes`)
  const builder = new TreeBuilder(limits.maxDepth ?? 32)
  try {
    return builder.build(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof FormatError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatError('malformed', `the XML is not well-formed: ${reason}`, { cause: error })
  }
}

interface GrowingElement extends XmlElement {
  readonly children: GrowingElement[]
  text: string
}

class TreeBuilder {
  readonly #open: GrowingElement[] = []
  readonly #maxDepth: number
  #root: GrowingElement | undefined

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  build(text: string): XmlElement {
    const parser = new SaxesParser({ xmlns: true })
    parser.on('opentag', (tag) => this.#enter(tag))
    parser.on('closetag', () => this.#open.pop())
    parser.on('text', (part) => this.#addText(part))
    parser.on('cdata', (part) => this.#addText(part))
    parser.write(text).close()
    if (this.#root === undefined) throw new FormatError('malformed', 'the XML document is empty')
    return this.#root
  }

  #enter(tag: SaxesTagNS): void {
    if (this.#open.length >= this.#maxDepth)
      throw new FormatError('too-large', `the XML is nested deeper than ${this.#maxDepth}`)
    const element = { name: tag.local, namespace: tag.uri, attributes: attributesOf(tag), children: [], text: '' }
    this.#open.at(-1)?.children.push(element)
    this.#root ??= element
    this.#open.push(element)
  }

  #addText(part: string): void {
    const element = this.#open.at(-1)
    if (element !== undefined) element.text += part
  }
}

function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const plain = Object.values(tag.attributes).filter(({ uri }) => uri === '' || uri === xmlNamespace)
  return new Map(plain.map(({ uri, local, value }) => [uri === '' ? local : `xml:${local}`, value]))
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}
