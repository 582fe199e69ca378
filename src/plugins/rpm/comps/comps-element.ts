import type { XmlElement } from '../../../formats/xml.ts'
import { XmlSnippet } from '../package/xml-snippet.ts'

/** An element of comps.xml as it is kept and published: canonical, indented by `depth`, nothing lost but comments and blanks. */
export function printElement(element: XmlElement, depth = 1): Buffer {
  const xml = new XmlSnippet()
  printInto(xml, depth, element)
  return xml.bytes()
}

/** An element that holds text. */
export function leaf(name: string, text: string, attributes: Readonly<Record<string, string>> = {}): XmlElement {
  return { name, namespace: '', attributes: new Map(Object.entries(attributes)), children: [], text }
}

/** An element that holds elements. */
export function branch(name: string, children: readonly XmlElement[]): XmlElement {
  return { name, namespace: '', attributes: new Map(), children, text: '' }
}

function printInto(xml: XmlSnippet, depth: number, { name, attributes, children, text }: XmlElement): void {
  if (children.length === 0) {
    xml.leaf(depth, name, text, Object.fromEntries(attributes))
    return
  }
  xml.open(depth, name, Object.fromEntries(attributes))
  for (const child of children) printInto(xml, depth + 1, child)
  xml.close(depth, name)
}
