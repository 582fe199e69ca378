import type { ContentType } from '../../../core/content-type.ts'
import { type Digest, type DigestAlgorithm, parseDigestAlgorithm } from '../../../core/digest.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredFile, DiscoveredUnit } from '../../../core/unit.ts'
import type { RepomdRecord } from '../metadata/repomd.ts'

/** Any other file that repomd.xml lists, byte for byte (pulp2-types §1.1). */
export const customMetadataType: ContentType = {
  id: 'yum_repo_metadata_file',
  displayName: 'YUM Repository Metadata File',
  description: 'YUM Repository Metadata File',
  keyFields: ['data_type', 'repo_id'],
  searchIndexes: ['data_type'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
  scope: 'repository',
}

/** What such a file may be named by in repomd.xml. */
const typeName = /^[^\p{Cc}\p{Cs}]{1,100}$/u

/** What we read out of, or make anew for, each publication; and what says the same in another form. */
const ownTypes =
  /^(?:primary|filelists|other|updateinfo|modules|prestodelta|deltainfo|group(?:_[a-z0-9]+)?|.*_db|.*_zck)$/

/** Whether a file of this type in repomd.xml is nobody else's. */
export function isCustomType(type: string): boolean {
  return typeName.test(type) && !ownTypes.test(type)
}

/** What repomd.xml says of the file, beside where it is. */
export interface CustomMetadata extends Omit<RepomdRecord, 'href' | 'base' | 'checksum'> {
  readonly checksum: Digest
}

/** `path` is its place in the publication. */
export function toCustomMetadataUnit(
  file: CustomMetadata,
  path: string,
  content: () => AsyncIterable<Uint8Array>,
): DiscoveredUnit {
  const { type, checksum, openChecksum, size, openSize, timestamp, databaseVersion } = file
  const key = { data_type: type }
  const metadata = withoutUndefined({
    ...key,
    checksum: checksum.value,
    checksum_type: checksum.algorithm,
    open_checksum: openChecksum?.value,
    open_checksum_type: openChecksum?.algorithm,
    size,
    open_size: openSize,
    timestamp,
    database_version: databaseVersion,
  })
  const stored: DiscoveredFile = { path, digests: [checksum], urls: [], content, ...(size !== undefined && { size }) }
  return { type: customMetadataType.id, key, metadata, files: [stored] }
}

/** The reverse: what repomd.xml has to say of a file at `href`. */
export function toRecord(metadata: JsonObject, href: string): RepomdRecord {
  const numbers = { size: 'size', openSize: 'open_size', timestamp: 'timestamp', databaseVersion: 'database_version' }
  const known = Object.entries(numbers).flatMap(([field, name]) => {
    const value = metadata[name]
    return typeof value === 'number' ? [[field, value] as const] : []
  })
  const checksum = digestIn(metadata['checksum_type'], metadata['checksum'])
  const openChecksum = digestIn(metadata['open_checksum_type'], metadata['open_checksum'])
  const digests = { ...(checksum && { checksum }), ...(openChecksum && { openChecksum }) }
  return { type: String(metadata['data_type']), href, ...digests, ...Object.fromEntries(known) }
}

function digestIn(type: unknown, value: unknown): Digest | undefined {
  const algorithm: DigestAlgorithm | undefined = typeof type === 'string' ? parseDigestAlgorithm(type) : undefined
  return algorithm === undefined || typeof value !== 'string' ? undefined : { algorithm, value }
}

function withoutUndefined(fields: Readonly<Record<string, string | number | undefined>>): JsonObject {
  return JSON.parse(JSON.stringify(fields)) as JsonObject
}
