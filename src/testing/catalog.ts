import type { ContentType } from '../core/content-type.ts'
import { sha256Hex } from '../core/digest.ts'
import type { ExaminedUnit, ReadyUnit } from '../core/repository-version.ts'
import type { DiscoveredUnit } from '../core/unit.ts'

/** A content type of tests: a named thing with any number of files and one document. */
export const thingType: ContentType = {
  id: 'thing',
  displayName: 'Thing',
  description: 'For tests',
  keyFields: ['name'],
  searchIndexes: ['name'],
  referencedTypes: [],
  hasFiles: true,
  documents: ['text'],
}

/** A thing whose files hold these contents. Things of one name and other contents are revisions of one key. */
export function aThing(name: string, ...contents: readonly string[]): DiscoveredUnit {
  return {
    type: thingType.id,
    key: { name },
    metadata: { name, files: contents.length },
    files: contents.map((content, index) => ({
      path: `${name}.${index}`,
      size: Buffer.byteLength(content),
      digests: [{ algorithm: 'sha256', value: sha256Hex(content) }],
      urls: [`http://up.test/${encodeURIComponent(content)}`],
    })),
    documents: { text: Buffer.from(`text of ${name}`) },
  }
}

/** The unit with all of its missing files as if they had been fetched. */
export function asIfFetched({ unit, missing }: ExaminedUnit): ReadyUnit {
  const fetched = missing.map(({ index }) => {
    const file = unit.files[index]
    return [index, { sha256: file?.digests[0]?.value ?? '', size: file?.size ?? 0 }] as const
  })
  return { unit, fetched: new Map(fetched) }
}
