import type { ContentType, UnitDocuments } from '../../../core/content-type.ts'
import type { Json } from '../../../core/json.ts'
import type { DiscoveredFile, DiscoveredUnit } from '../../../core/unit.ts'
import { sortIndex } from '../sort-index.ts'
import type { TreeFile } from './tree-files.ts'
import type { TreeInfo } from './tree-info.ts'

/** A kickstart tree (pulp2-types §1.1, §5.1). The list of its files is a document: it may be long. */
export const distributionType: ContentType = {
  id: 'distribution',
  displayName: 'Distribution',
  description: 'Kickstart trees and all accompanying files',
  keyFields: ['id', 'family', 'variant', 'version', 'arch'],
  searchIndexes: ['id', 'family', 'variant', 'version', 'arch'],
  referencedTypes: [],
  hasFiles: true,
  documents: ['files'],
  derivedFields: { files: listedFiles },
}

/** What a tree is made of, its own description among `files`; `listed` are those that the description names. */
export interface FoundTree {
  readonly info: TreeInfo
  readonly listed: readonly TreeFile[]
  readonly files: readonly DiscoveredFile[]
}

export function toDistributionUnit({ info, listed, files }: FoundTree): DiscoveredUnit {
  const { family, variant, version, arch, timestamp, packagedir } = info
  const key = { id: idOf(info), family, variant, version, arch }
  const metadata = {
    ...key,
    packagedir,
    version_sort_index: sortIndex(version),
    ...(timestamp !== undefined && { timestamp }),
  }
  const documents = { files: Buffer.from(JSON.stringify(listed.map(toListed))) }
  return { type: distributionType.id, key, metadata, files, documents }
}

/** A part that is not there is left out, one that is empty is not (pulp2-types §5.1). */
function idOf({ family, variant, version, arch }: TreeInfo): string {
  return ['ks', family, variant, version, arch].filter((part) => part !== null).join('-')
}

function toListed({ path, digest }: TreeFile) {
  return { relativepath: path, checksum: digest?.value ?? null, checksumtype: digest?.algorithm ?? null }
}

/** Only we write this document. */
function listedFiles({ files }: UnitDocuments): readonly Json[] {
  return files === undefined || files.length === 0 ? [] : (JSON.parse(Buffer.from(files).toString()) as readonly Json[])
}
