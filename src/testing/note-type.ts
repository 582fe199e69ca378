import type { ContentType } from '../core/content-type.ts'

/** A type of units that have a name and nothing else. */
export const noteType: ContentType = {
  id: 'note',
  displayName: 'Note',
  description: 'For tests',
  keyFields: ['name'],
  searchIndexes: [],
  referencedTypes: [],
  hasFiles: false,
  documents: [],
}
