import type { ContentType, UnitDocuments } from '../../../core/content-type.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { type Advisory, type Collection, type Reference, suggestions, textFields } from './advisory.ts'

/** Advisories (pulp2-types §1.1, §5.1). References and packages are documents: of some advisories they are very many. */
export const erratumType: ContentType = {
  id: 'erratum',
  displayName: 'Erratum',
  description: 'Erratum advisory information',
  keyFields: ['id'],
  searchIndexes: ['id', 'title', 'version', 'release', 'type', 'status', 'updated', 'issued', 'severity'],
  lookupFields: ['id'],
  referencedTypes: ['rpm'],
  hasFiles: false,
  documents: ['references', 'pkglist'],
  derivedFields: {
    references: (documents) => referencesIn(documents),
    pkglist: (documents) => collectionsIn(documents).map(({ origin: _, ...collection }) => collection),
  },
}

export function toErratumUnit({ references, pkglist, ...fields }: Advisory): DiscoveredUnit {
  const documents = {
    references: Buffer.from(JSON.stringify(references)),
    pkglist: Buffer.from(JSON.stringify(pkglist)),
  }
  return { type: erratumType.id, key: { id: fields.id }, metadata: fields, files: [], documents }
}

/** The reverse. */
export function toAdvisory(metadata: JsonObject, documents: UnitDocuments): Advisory {
  const text = (name: string) => {
    const value = metadata[name]
    return typeof value === 'string' ? value : ''
  }
  const texts = Object.fromEntries(textFields.map((name) => [name, text(name)]))
  const suggested = Object.fromEntries(suggestions.map((name) => [name, metadata[name] === true]))
  const lists = { references: referencesIn(documents), pkglist: collectionsIn(documents) }
  return { id: text('id'), ...texts, ...suggested, ...lists } as Advisory
}

function referencesIn(documents: UnitDocuments): readonly Reference[] {
  return parsed(documents['references'])
}

/** The packages of an advisory, out of its documents. */
export function collectionsIn(documents: UnitDocuments): readonly Collection[] {
  return parsed(documents['pkglist'])
}

/** Only we write these documents. */
function parsed<Item>(document: Uint8Array | undefined): readonly Item[] {
  if (document === undefined || document.length === 0) return []
  return JSON.parse(Buffer.from(document).toString()) as readonly Item[]
}
