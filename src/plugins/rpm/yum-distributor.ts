import type { Distributor, GeneratedFile, PublishRun } from '../../core/distributor.ts'
import type { Layout } from '../../core/layout.ts'
import { effectiveRelativeUrl, requireDistinctUrl } from '../../core/relative-url.ts'
import type { SegmentedFiles } from '../../core/segment.ts'
import { printRepomd } from './metadata/repomd.ts'
import { flatLayout, packagesLayout, rpmLayouts } from './rpm-layouts.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { PackageMetadata } from './segments/package-metadata.ts'
import { parseYumDistributorConfig, type YumDistributorConfig } from './yum-distributor-config.ts'
import { describeYumPublish, YumPublishSteps } from './yum-publish-report.ts'

const types = [rpmType.id, srpmType.id]

type Run = PublishRun<YumDistributorConfig>

/** Publishes packages as a yum (dnf, zypper) repository below `/pulp/repos/` (pulp2-types §5.9). */
export const yumDistributor: Distributor<YumDistributorConfig> = {
  id: 'yum_distributor',
  displayName: 'Yum Distributor',
  contentTypes: types,
  config: { parse: parseYumDistributorConfig, secrets: [] },
  validate: (config, repositoryId, others) => requireDistinctUrl(urlOf(config, repositoryId), others),
  basePath: (config, repositoryId) => `/pulp/repos/${urlOf(config, repositoryId)}`,
  layout: (config) => layoutOf(config).id,
  layouts: rpmLayouts,
  publish,
  describe: describeYumPublish,
}

function urlOf(config: YumDistributorConfig, repositoryId: string): string {
  return effectiveRelativeUrl(config.relativeUrl, repositoryId)
}

function layoutOf(config: YumDistributorConfig): Layout {
  return config.packagesDirectory ? packagesLayout : flatLayout
}

async function* publish(run: Run): AsyncGenerator<GeneratedFile | SegmentedFiles> {
  const published = types.filter((type) => !run.config.skip.includes(type))
  const packages = published.reduce((sum, type) => sum + (run.version.counts[type] ?? 0), 0)
  const steps = new YumPublishSteps(run, packages)
  const timestamp = Math.floor(run.version.created.getTime() / 1000)
  const progress = (more: number) => steps.packagesPassed(more)
  const layout = layoutOf(run.config)
  const metadata = new PackageMetadata({ run, layout, types: published, packages, timestamp, progress })
  yield await metadata.files()
  steps.packagesWritten()
  yield repomdFile({ revision: String(timestamp), records: metadata.records() })
  steps.repomdWritten()
}

function repomdFile(repomd: Parameters<typeof printRepomd>[0]): GeneratedFile {
  const text = Buffer.from(printRepomd(repomd))
  return { path: 'repodata/repomd.xml', mediaType: 'application/xml', body: once(text) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
