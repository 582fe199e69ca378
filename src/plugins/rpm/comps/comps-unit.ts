import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { XmlElement } from '../../../formats/xml.ts'
import { printElement } from './comps-element.ts'
import { categoryFields, environmentFields, groupFields, langpacksFields } from './comps-fields.ts'
import { categoryType, environmentType, groupType, langpacksType } from './comps-types.ts'
import { plainTextOf } from './translations.ts'

/** More than any id has. */
export const maxIdLength = 255
/** Bytes of an element: ten times the largest that anybody has. */
const maxElementBytes = 1024 ** 2

const kinds = {
  group: { type: groupType.id, fields: groupFields },
  category: { type: categoryType.id, fields: categoryFields },
  environment: { type: environmentType.id, fields: environmentFields },
  langpacks: { type: langpacksType.id, fields: langpacksFields },
} as const

/** The type of what an element of comps.xml is; undefined for anything that is no unit (blacklists, for instance). */
export function typeOfElement({ name }: XmlElement): string | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds].type : undefined
}

/** What makes a unit within its type and repository: an id, and of language packs, which stand for all of a repository, nothing. */
export function nameOfElement(element: XmlElement): string | undefined {
  if (element.name === 'langpacks') return ''
  const id = (plainTextOf(element, 'id') ?? '').trim()
  return id === '' || id.length > maxIdLength ? undefined : id
}

/**
 * The unit of an element with a type and a name; undefined when it is too large. `position` orders the units of its type as upstream
 * has them: dnf shows groups of one display order as they stand in the file.
 */
export function toCompsUnit(element: XmlElement, position: string): DiscoveredUnit | undefined {
  const { type, fields } = kinds[element.name as keyof typeof kinds]
  const document = printElement(element)
  if (document.length > maxElementBytes) return undefined
  const key: JsonObject = element.name === 'langpacks' ? {} : { id: nameOfElement(element) ?? '' }
  const metadata = { ...key, ...fields(element), position }
  return { type, key, metadata, files: [], documents: { element: document } }
}
