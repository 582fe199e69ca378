import type { Distributor, GeneratedFile, PayloadContext } from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Layout } from '../../core/layout.ts'
import { effectiveRelativeUrl, requireDistinctUrl } from '../../core/relative-url.ts'
import type { SegmentedFiles } from '../../core/segment.ts'
import { consumerAddress } from '../../core/server-addresses.ts'
import { publishedComps } from './comps/published-comps.ts'
import { publishedCustomMetadata } from './custom-metadata/published-custom-metadata.ts'
import { publishedDatabases } from './databases/published-databases.ts'
import { publishedDeltas } from './delta/prestodelta-document.ts'
import { publishedErrata } from './errata/updateinfo-document.ts'
import { requireExact } from './exact/require-exact.ts'
import { upstreamMetadataType } from './exact/upstream-metadata-unit.ts'
import { exactLayout } from './exact-layout.ts'
import { printRepomd } from './metadata/repomd.ts'
import { publishedModules } from './modules/modules-document.ts'
import type { PublishedContent, YumPublishRun } from './published-content.ts'
import { layoutWithout, rpmLayouts } from './published-layouts.ts'
import { keyFile, repomdFiles } from './repomd-files.ts'
import { publishedRepoview } from './repoview/published-repoview.ts'
import { flatLayout, packagesLayout } from './rpm-layouts.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { PackageMetadata } from './segments/package-metadata.ts'
import { publishedTags } from './tags/repository-tags.ts'
import { repositoryTagsType } from './tags/repository-tags-unit.ts'
import { distributionType } from './trees/distribution-unit.ts'
import { treeInfoFile } from './trees/published-tree.ts'
import { requireOneTree } from './trees/require-one-tree.ts'
import { parseYumDistributorConfig, type YumDistributorConfig, yumAccess } from './yum-distributor-config.ts'
import { yumFileSharing } from './yum-file-sharing.ts'
import { describeYumPublish, YumPublishSteps } from './yum-publish-report.ts'

const packageTypes = [rpmType.id, srpmType.id]

/** In the order of repomd.xml, and of the report. */
const contents: readonly PublishedContent[] = [
  publishedDeltas,
  publishedErrata,
  publishedModules,
  publishedComps,
  publishedCustomMetadata,
]

type Run = YumPublishRun

/** Publishes packages as a yum (dnf, zypper) repository below `/pulp/repos/` (pulp2-types §5.9). */
export const yumDistributor: Distributor<YumDistributorConfig> = {
  id: 'yum_distributor',
  displayName: 'Yum Distributor',
  contentTypes: [
    ...packageTypes,
    ...contents.flatMap(({ contentTypes }) => contentTypes),
    distributionType.id,
    upstreamMetadataType.id,
    repositoryTagsType.id,
  ],
  config: { parse: parseYumDistributorConfig, secrets: [] },
  validate: (config, repositoryId, others) => requireDistinctUrl(urlOf(config, repositoryId), others),
  basePath: (config, repositoryId) => `/pulp/repos/${urlOf(config, repositoryId)}`,
  layout: (config) => layoutWithout(layoutOf(config), config.skip).id,
  access: yumAccess,
  layouts: rpmLayouts,
  publish,
  sharing: yumFileSharing,
  consumerPayload,
  describe: describeYumPublish,
}

function urlOf(config: YumDistributorConfig, repositoryId: string): string {
  return effectiveRelativeUrl(config.relativeUrl, repositoryId)
}

function layoutOf(config: YumDistributorConfig): Layout {
  if (config.exact) return exactLayout
  return config.packagesDirectory ? packagesLayout : flatLayout
}

/** pulp2-types §5.9. */
function consumerPayload(config: YumDistributorConfig, { repository, addresses }: PayloadContext): JsonObject {
  const { gpgKey, authority, clientCertificate } = config.consumers
  const { name, protocols } = consumerAddress(addresses, config)
  return {
    repo_name: repository.displayName ?? repository.id,
    server_name: name,
    ca_cert: authority ?? addresses.caCertificate,
    relative_path: `/pulp/repos/${urlOf(config, repository.id)}`,
    protocols,
    gpg_keys: gpgKey === undefined ? [] : { 'pulp.key': gpgKey },
    client_cert: clientCertificate ?? null,
  }
}

async function* publish(run: Run): AsyncGenerator<GeneratedFile | SegmentedFiles> {
  const published = packageTypes.filter((type) => !run.config.skip.includes(type))
  const packages = published.reduce((sum, type) => sum + (run.version.counts[type] ?? 0), 0)
  const steps = new YumPublishSteps(run, packages, requireOneTree(run))
  if (run.config.exact) return yield* publishExact(run, steps)
  const timestamp = Math.floor(run.version.created.getTime() / 1000)
  const progress = (more: number) => steps.packagesPassed(more)
  const layout = layoutOf(run.config)
  const metadata = new PackageMetadata({ run, layout, types: published, packages, timestamp, progress })
  yield await metadata.files()
  const records = [...metadata.records()]
  steps.packagesWritten()
  for (const content of contents) {
    const units = countOf(run, content)
    if (units === 0) continue
    records.push(...(yield* content.files(run, { packageTypes: published, timestamp })))
    steps.contentWritten(content.step, units)
  }
  steps.contentsWritten()
  if (run.config.databases) {
    const progress = (more: number) => steps.databasesAdvanced(more)
    records.push(...(yield* publishedDatabases(run, { packageTypes: published, timestamp, layout, records, progress })))
  }
  steps.databasesWritten(run.config.databases)
  if (run.config.repoview) {
    const progress = (more: number) => steps.repoviewAdvanced(more)
    yield* publishedRepoview(run, { packageTypes: published, layout, progress })
  }
  steps.repoviewWritten(run.config.repoview)
  yield* keyFile(run)
  yield* treeInfoFile(run, layout)
  const tags = await publishedTags(run)
  const said = { revision: String(timestamp), ...(tags !== undefined && { tags }), records }
  yield* repomdFiles(run, printRepomd(said))
  steps.repomdWritten()
}

/** The layout shows the files of upstream's metadata where they belong. */
async function* publishExact(run: Run, steps: YumPublishSteps): AsyncGenerator<GeneratedFile> {
  await requireExact(run)
  steps.packagesWritten()
  steps.contentsWritten()
  yield* keyFile(run)
  steps.repomdWritten()
}

function countOf({ config, version }: Run, { contentTypes }: PublishedContent): number {
  const types = contentTypes.filter((type) => !config.skip.includes(type))
  return types.reduce((sum, type) => sum + (version.counts[type] ?? 0), 0)
}
