import type { ContentType } from '../../core/content-type.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import type { ManifestEntry } from '../../formats/file-manifest.ts'

/** A plain file. Pulp calls all of them ISOs. */
export const isoType: ContentType = {
  id: 'iso',
  displayName: 'ISO',
  description: 'ISO',
  keyFields: ['name', 'checksum', 'size'],
  searchIndexes: ['name', 'checksum', 'size'],
  lookupFields: ['name', 'checksum'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
  uniqueIn: ['name'],
}

/** The unit of a file that is listed in the manifest of `feed`, a URL with a slash at its end. */
export function toIsoUnit(entry: ManifestEntry, feed: string): DiscoveredUnit {
  const { name, checksum, size } = entry
  const key = { name, checksum, size }
  const file = {
    path: name,
    size,
    digests: [{ algorithm: 'sha256', value: checksum } as const],
    urls: [urlOf(name, feed)],
  }
  return { type: isoType.id, key, metadata: key, files: [file] }
}

function urlOf(name: string, feed: string): string {
  return feed + name.split('/').map(encodeURIComponent).join('/')
}
