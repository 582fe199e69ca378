import { FormatError } from './format-error.ts'
import { asFormatError, defaultMaxDepth, type XmlElement, XmlTreeBuilder } from './xml-tree-builder.ts'

export type { XmlElement } from './xml-tree-builder.ts'

export interface XmlLimits {
  /** Bytes; default 16 MiB. */
  readonly maxBytes?: number
  /** Elements within elements; default 32. */
  readonly maxDepth?: number
}

/**
 * Reads a whole document into a tree: for documents that are small by nature. It must be well-formed and UTF-8. Entities of a
 * document type are not expanded, so there are no entity bombs. Throws a FormatError.
 */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = {}): XmlElement {
  const maxBytes = limits.maxBytes ?? 16 * 1024 * 1024
  if (bytes.length > maxBytes) throw new FormatError('too-large', `the XML document is larger than ${maxBytes} bytes`)
  const builder = new XmlTreeBuilder({ maxDepth: limits.maxDepth ?? defaultMaxDepth })
  try {
    builder.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return builder.close()
  } catch (error) {
    throw asFormatError(error)
  }
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}
