import type { SyncEvent } from '../../../core/importer.ts'
import type { Problem } from '../../../core/sync-progress.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { ListedContent } from '../listed-content.ts'
import type { MetadataDocument } from '../metadata/metadata-document.ts'
import { customMetadataPath } from './custom-metadata-path.ts'
import { customMetadataType, isCustomType, toCustomMetadataUnit } from './custom-metadata-unit.ts'

/** Files of repomd.xml that nobody else reads. They are stored whatever the download policy says: they have been fetched. */
export const listedCustomMetadata: ListedContent = {
  contentTypes: [customMetadataType.id],
  reads: isCustomType,
  async *events(run, documents): AsyncGenerator<SyncEvent> {
    run.expect(customMetadataType.id, documents.size)
    const taken = new Set<string>()
    for (const [type, document] of documents) {
      const path = customMetadataPath(document.href, type, taken)
      if (path !== undefined) taken.add(path)
      yield path === undefined ? { problem: withoutName(type) } : { units: [unitOf(document, path)] }
    }
  },
}

/** A checksum that we cannot compute is none; then our own tells clients what they get. */
function unitOf(document: MetadataDocument, path: string): DiscoveredUnit {
  const { record, measured } = document
  const checksum = record.checksum ?? { algorithm: 'sha256', value: measured.sha256 }
  return toCustomMetadataUnit({ ...record, checksum, size: measured.size }, path, () => document.packed())
}

function withoutName(type: string): Problem {
  const reason = 'its location ends in no name that a file can be published by'
  return {
    stage: 'metadata',
    type: customMetadataType.id,
    key: { data_type: type },
    name: type,
    reason,
    code: 'malformed',
  }
}
