import type { JsonObject } from '../../../core/json.ts'
import { parseXml, type XmlElement } from '../../../formats/xml.ts'

const language = 'xml:lang'

/** The texts in other languages of an `element` document, by language. */
export function translationsIn(element: Uint8Array | undefined, name: string): JsonObject {
  if (element === undefined || element.length === 0) return {}
  const texts = parseXml(element).children.filter((child) => child.name === name)
  return Object.fromEntries(texts.flatMap(({ attributes, text }) => withLanguage(attributes.get(language), text)))
}

/** The text that is in no language in particular. */
export function plainTextOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name && !child.attributes.has(language))?.text
}

function withLanguage(of: string | undefined, text: string): readonly (readonly [string, string])[] {
  return of === undefined ? [] : [[of, text]]
}
