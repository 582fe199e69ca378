import type { SyncEvent, SyncRun } from '../../core/importer.ts'
import type { MetadataDocument } from './metadata/metadata-document.ts'
import type { YumImporterConfig } from './yum-importer-config.ts'

export type YumSyncRun = SyncRun<YumImporterConfig>

/** What repomd.xml lists beside the packages, and what a sync makes of it. */
export interface ListedContent {
  /** What it brings. It is left out where none of them is wanted. */
  readonly contentTypes: readonly string[]
  /** Its part of the report, if it has one (pulp2-types §5.4). */
  readonly part?: 'errata' | 'comps' | 'modules'
  /** Whether it reads a file of this type in repomd.xml, where these are `listed`. */
  reads(type: string, listed: ReadonlySet<string>): boolean
  /**
   * Units and problems out of those files that are listed, one at least; `repository` is the folder that locations are relative to. Throws
   * RPM1006 when one cannot be read.
   */
  events(run: YumSyncRun, documents: ReadonlyMap<string, MetadataDocument>, repository: URL): AsyncIterable<SyncEvent>
}
