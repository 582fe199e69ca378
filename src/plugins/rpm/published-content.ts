import type { GeneratedFile, PublishRun } from '../../core/distributor.ts'
import type { RepomdRecord } from './metadata/repomd.ts'
import type { YumDistributorConfig } from './yum-distributor-config.ts'
import type { ContentStep } from './yum-publish-report.ts'

export type YumPublishRun = PublishRun<YumDistributorConfig>

/** What a publication is made of. */
export interface PublishedTypes {
  /** Types of packages that are published. */
  readonly packageTypes: readonly string[]
  /** Unix time, seconds, of all that repomd.xml lists. */
  readonly timestamp: number
}

/** What a publication holds beside the packages. It is left out where there are no units of its types. */
export interface PublishedContent {
  readonly contentTypes: readonly string[]
  /** Its step of the report (pulp2-types §5.9). */
  readonly step: ContentStep
  /** The metadata files, and in the end what repomd.xml says of them. */
  files(run: YumPublishRun, types: PublishedTypes): AsyncGenerator<GeneratedFile, readonly RepomdRecord[]>
}
