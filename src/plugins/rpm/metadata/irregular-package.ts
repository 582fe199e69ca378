import { FormatError } from '../../../formats/format-error.ts'
import { parseXml, type XmlElement } from '../../../formats/xml.ts'
import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'
import { namespaces } from './namespaces.ts'
import type { RootTag } from './root-tag.ts'

/**
 * A package as it would be if an ordinary tool had written it: usual prefixes, no comments, no CDATA, sound UTF-8. What belongs
 * to no namespace of repodata is dropped, because the published file does not declare it. Throws a FormatError when the
 * element is not well-formed.
 */
export function regularPackage(snippet: Uint8Array, root: RootTag): Buffer {
  // Bytes that are not UTF-8 become U+FFFD.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(snippet)
  const rootText = Buffer.from(root.text, 'latin1')
  const document = parseXml(Buffer.concat([rootText, Buffer.from(text), Buffer.from(`</${root.name}>`)]), {
    maxBytes: Number.POSITIVE_INFINITY,
  })
  const element = document.children[0]
  if (element === undefined || document.children.length > 1)
    throw new FormatError('malformed', 'a package has no end tag')
  return Buffer.from(print(element, document.namespace))
}

function print(element: XmlElement, plain: string): string {
  const name = element.namespace === namespaces.rpm ? `rpm:${element.name}` : element.name
  const attributes = [...element.attributes].map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`).join('')
  const children = element.children.filter(({ namespace }) => namespace === plain || namespace === namespaces.rpm)
  if (children.length > 0)
    return `<${name}${attributes}>\n${children.map((child) => print(child, plain)).join('\n')}\n</${name}>`
  return element.text === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${escapeText(element.text)}</${name}>`
}
