import { SaxesParser, type SaxesTagNS } from 'saxes'
import { FormatError } from './format-error.ts'

/** An element of a document. Comments and processing instructions are gone, CDATA is text, prefixes are resolved. */
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

export const defaultMaxDepth = 32

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

interface GrowingElement extends XmlElement {
  readonly children: GrowingElement[]
  text: string
}

export interface TreeOptions {
  /** Elements within elements. */
  readonly maxDepth: number
  /** Gets each child of the root when it ends; the tree then goes on without it. */
  readonly takeChild?: (child: XmlElement) => void
}

/** Makes a tree of XML text that comes in pieces. What it throws, `asFormatError` makes a FormatError of. */
export class XmlTreeBuilder {
  readonly #options: TreeOptions
  readonly #open: GrowingElement[] = []
  readonly #parser = new SaxesParser({ xmlns: true })
  #root: GrowingElement | undefined

  constructor(options: TreeOptions) {
    this.#options = options
    this.#parser.on('opentag', (tag) => this.#enter(tag))
    this.#parser.on('closetag', () => this.#leave())
    this.#parser.on('text', (part) => this.#addText(part))
    this.#parser.on('cdata', (part) => this.#addText(part))
  }

  get root(): XmlElement | undefined {
    return this.#root
  }

  write(text: string): void {
    this.#parser.write(text)
  }

  close(): XmlElement {
    this.#parser.close()
    if (this.#root === undefined) throw new FormatError('malformed', 'the XML document is empty')
    return this.#root
  }

  #enter(tag: SaxesTagNS): void {
    const { maxDepth } = this.#options
    if (this.#open.length >= maxDepth) throw new FormatError('too-large', `the XML is nested deeper than ${maxDepth}`)
    const element = { name: tag.local, namespace: tag.uri, attributes: attributesOf(tag), children: [], text: '' }
    this.#open.at(-1)?.children.push(element)
    this.#root ??= element
    this.#open.push(element)
  }

  #leave(): void {
    const element = this.#open.pop()
    const { takeChild } = this.#options
    if (element === undefined || takeChild === undefined || this.#open.length !== 1) return
    this.#open[0]?.children.pop()
    takeChild(element)
  }

  #addText(part: string): void {
    const element = this.#open.at(-1)
    if (element !== undefined) element.text += part
  }
}

export function asFormatError(error: unknown): FormatError {
  if (error instanceof FormatError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new FormatError('malformed', `the XML is not well-formed: ${reason}`, { cause: error })
}

function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const plain = Object.values(tag.attributes).filter(({ uri }) => uri === '' || uri === xmlNamespace)
  return new Map(plain.map(({ uri, local, value }) => [uri === '' ? local : `xml:${local}`, value]))
}
