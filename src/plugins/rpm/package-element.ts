import { parseXml, type XmlElement } from '../../formats/xml.ts'
import { type PackageFile, rootStartTag, roots } from './metadata/namespaces.ts'

/** A package's element of a metadata file as a tree; undefined of an empty snippet. Throws a FormatError. */
export function packageElement(file: PackageFile, snippet: Uint8Array | undefined): XmlElement | undefined {
  if (snippet === undefined || snippet.length === 0) return undefined
  const document = Buffer.concat([Buffer.from(rootStartTag(file, 1)), snippet, Buffer.from(`</${roots[file].name}>`)])
  return parseXml(document, { maxBytes: Number.POSITIVE_INFINITY }).children[0]
}
