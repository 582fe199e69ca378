import { parseXml, type XmlElement } from '../formats/xml.ts'

/** What a document says, however it is written: without blanks between elements, comments and the order of attributes. */
export function canonicalXml(document: string | Uint8Array): object {
  return canonicalElement(parseXml(Buffer.from(document), { maxDepth: 100 }))
}

export function canonicalElement({ name, attributes, children, text }: XmlElement): object {
  const sorted = Object.fromEntries([...attributes].sort())
  return children.length === 0
    ? { name, attributes: sorted, text }
    : { name, attributes: sorted, children: children.map(canonicalElement) }
}
