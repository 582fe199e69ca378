import type { RepomdRecord } from '../metadata/repomd.ts'
import type { PublishedContent } from '../published-content.ts'
import { customMetadataType, toRecord } from './custom-metadata-unit.ts'

/** Files that are served as they came: only repomd.xml has to say of them. */
export const publishedCustomMetadata: PublishedContent = {
  contentTypes: [customMetadataType.id],
  step: 'metadata',
  // biome-ignore lint/correctness/useYield: it makes no files
  async *files(run) {
    const records: RepomdRecord[] = []
    for await (const { unit, files } of run.units({
      types: [customMetadataType.id],
      order: ['data_type'],
      files: true,
    }))
      for (const { path } of files) records.push(toRecord(unit.metadata, path))
    return records
  },
}
