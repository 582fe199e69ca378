import type { ContentType } from '../../../core/content-type.ts'
import type { Digest } from '../../../core/digest.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredFile, DiscoveredUnit } from '../../../core/unit.ts'

/** Delta packages: what makes a package out of an older build that is installed (pulp2-types §1.1, §5.1). */
export const deltaType: ContentType = {
  id: 'drpm',
  displayName: 'DRPM',
  description: 'DRPM',
  keyFields: ['epoch', 'version', 'release', 'filename', 'checksumtype', 'checksum'],
  searchIndexes: ['epoch', 'version', 'release', 'filename', 'checksum', 'checksumtype'],
  lookupFields: ['checksum'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
}

/** What prestodelta.xml says of a delta package, but for its file. */
export interface Delta {
  /** The package that it makes. */
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly oldEpoch: string
  readonly oldVersion: string
  readonly oldRelease: string
  /** What the older build has to be, to the order of its files. */
  readonly sequence: string
}

/** The place of a delta package in a repository, by its file name. */
export function deltaPath(fileName: string): string {
  return `drpms/${fileName}`
}

/** `file.path` is its place in the publication. */
export function toDeltaUnit(delta: Delta, digest: Digest, file: Omit<DiscoveredFile, 'digests'>): DiscoveredUnit {
  const { epoch, version, release } = delta
  const key = { epoch, version, release, filename: file.path, checksumtype: digest.algorithm, checksum: digest.value }
  const metadata = {
    ...key,
    new_package: delta.name,
    arch: delta.arch,
    oldepoch: delta.oldEpoch,
    oldversion: delta.oldVersion,
    oldrelease: delta.oldRelease,
    sequence: delta.sequence,
    ...(file.size !== undefined && { size: file.size }),
  }
  return { type: deltaType.id, key, metadata, files: [{ ...file, digests: [digest] }] }
}

/** The reverse, of what a unit has beside its file. */
export function toDelta(metadata: JsonObject): Delta {
  const text = (name: string) => String(metadata[name] ?? '')
  return {
    name: text('new_package'),
    epoch: text('epoch'),
    version: text('version'),
    release: text('release'),
    arch: text('arch'),
    oldEpoch: text('oldepoch'),
    oldVersion: text('oldversion'),
    oldRelease: text('oldrelease'),
    sequence: text('sequence'),
  }
}
