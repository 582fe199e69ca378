import { sha256Hex } from '../../core/digest.ts'
import { keptFeedConfig } from '../../core/feed-config.ts'
import type { Importer, SyncEvent } from '../../core/importer.ts'
import { isJsonObject } from '../../core/json.ts'
import type { PartState } from '../../core/sync-progress.ts'
import type { RepositoryMember } from '../../core/upload.ts'
import { listedComps } from './comps/listed-comps.ts'
import { yumCopier } from './copy/yum-copier.ts'
import { listedCustomMetadata } from './custom-metadata/listed-custom-metadata.ts'
import { listedDeltas } from './delta/listed-deltas.ts'
import { listedErrata } from './errata/errata-stream.ts'
import { CensusTaker } from './exact/census.ts'
import { signatureNames, upstreamMetadataEvents } from './exact/upstream-metadata-events.ts'
import { upstreamMetadataType } from './exact/upstream-metadata-unit.ts'
import type { ListedContent, YumSyncRun } from './listed-content.ts'
import { packageFiles } from './metadata/namespaces.ts'
import { noFeed } from './metadata-errors.ts'
import { listedModules } from './modules/modules-stream.ts'
import { type OpenFeed, openFeed } from './open-feed.ts'
import { PackageStream } from './package-stream.ts'
import { type Selection, selectPackages } from './retained-packages.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { tagsEvents } from './tags/repository-tags.ts'
import { repositoryTagsType } from './tags/repository-tags-unit.ts'
import { distributionType } from './trees/distribution-unit.ts'
import { TreeStream } from './trees/tree-stream.ts'
import { hasStill, rememberedState, stateIn, type UpstreamState } from './unchanged-upstream.ts'
import { uploadUnits } from './upload-units.ts'
import { parseYumImporterConfig, type YumImporterConfig, yumImporterSecrets } from './yum-importer-config.ts'
import { fetchMetadata, type IsWanted, type YumMetadata } from './yum-metadata.ts'
import { describeYumSync } from './yum-sync-report.ts'

/** Raised when a release of Deckle reads more out of a repository, so that unchanged ones are read once more. */
const readerVersion = 5
const packageTypes = [rpmType.id, srpmType.id]
/** In the order in which they are read, after the packages. */
const listed: readonly ListedContent[] = [listedDeltas, listedErrata, listedModules, listedComps, listedCustomMetadata]
const listedTypes = [...packageTypes, ...listed.flatMap(({ contentTypes }) => contentTypes)]
const types = [...listedTypes, distributionType.id, upstreamMetadataType.id, repositoryTagsType.id]

/** Mirrors a yum (dnf, zypper) repository (pulp2-types §5). */
export const yumImporter: Importer<YumImporterConfig> = {
  id: 'yum_importer',
  displayName: 'Yum Importer',
  contentTypes: types,
  config: { parse: parseYumImporterConfig, kept: keptFeedConfig, secrets: yumImporterSecrets },
  upstream: (config) => config.upstream,
  policy: (config) => config,
  sync,
  describe: describeYumSync,
  upload: uploadUnits,
  copier: yumCopier,
  failedFilesFailTheRun: false,
}

async function* sync(run: YumSyncRun): AsyncGenerator<SyncEvent> {
  const { feed } = run.config
  if (feed === undefined) throw noFeed()
  run.part('metadata', 'in-progress')
  const open = await openFeed(run.fetch, feed)
  const { repository, mirrors, fetch, repomd } = open
  if (await isUnchanged(run, fetch, repository, repomd.sha256)) return yield* mirrors.spread(syncTree(run, open))

  const fetched = await fetchMetadata(fetch, repository, repomd, wantedFiles(run.config))
  const { metadata, sha256 } = fetched
  const selection = await select(run, metadata)
  run.part('metadata', 'finished')
  // The core ends this part when the last file is stored.
  run.part('content', 'in-progress')
  const census = new CensusTaker()
  const counted = (events: AsyncIterable<SyncEvent>) => (run.config.exact ? census.watch(events, repository) : events)
  yield* mirrors.spread(counted(new PackageStream(run, repository, metadata, selection).events()))
  if (selection !== undefined) yield { displaced: selection.displaced }
  for (const content of listed) yield* mirrors.spread(counted(read(run, content, metadata, repository)))
  yield* tagsEvents(fetched.repomd, run.config.skip)
  let signatures: UpstreamState = {}
  if (run.config.exact) signatures = yield* upstreamMetadataEvents(fetch, { ...fetched, repository }, census)
  // That of another time or place would be shown as if it were this upstream's.
  yield { only: [upstreamMetadataType.id] }
  yield { complete: listedTypes.filter((type) => !run.config.skip.includes(type)) }
  const tree = new TreeStream(run, open)
  if (run.config.skip.includes(distributionType.id)) run.part('distribution', 'skipped')
  else yield* mirrors.spread(tree.events())
  run.part('purge_duplicates', 'finished')
  const states = { signatures: rememberedState(signatures), tree: rememberedState(tree.state) }
  yield { remember: { repomd: sha256, config: fingerprint(run.config), ...states } }
}

/** Where all else is unchanged: only a repository that had a tree is asked for more, since repomd.xml tells nothing of one. */
async function* syncTree(run: YumSyncRun, open: OpenFeed): AsyncGenerator<SyncEvent> {
  const remembered = isJsonObject(run.remembered) ? run.remembered : {}
  run.part('metadata', 'finished')
  for (const part of ['content', 'errata', 'modules', 'comps', 'purge_duplicates']) run.part(part, 'skipped')
  if (await hasStill(open.fetch, open.repository, stateIn(remembered['tree'])))
    return run.part('distribution', 'skipped')
  const tree = new TreeStream(run, open)
  yield* tree.events()
  yield { remember: { ...remembered, tree: rememberedState(tree.state) } }
}

function wantedFiles({ skip, exact }: YumImporterConfig): IsWanted {
  if (exact) return () => true
  const wanted = listed.filter((content) => !isSkipped(content, skip))
  return (type, files) =>
    packageFiles.some((file) => file === type) || wanted.some((content) => content.reads(type, files))
}

function isSkipped({ contentTypes }: ListedContent, skip: readonly string[]): boolean {
  return contentTypes.every((type) => skip.includes(type))
}

/** A part is skipped where it is not wanted or there is nothing of it. */
async function* read(
  run: YumSyncRun,
  content: ListedContent,
  { files }: YumMetadata,
  repository: URL,
): AsyncGenerator<SyncEvent> {
  const there = new Set(files.keys())
  const documents = new Map([...files].filter(([type]) => content.reads(type, there)))
  const enter = (state: PartState) => content.part !== undefined && run.part(content.part, state)
  if (documents.size === 0) return enter('skipped')
  enter('in-progress')
  yield* content.events(run, documents, repository)
  enter('finished')
}

/** A pass ahead of the real one, only where some packages may be left out. */
async function select(run: YumSyncRun, { primary }: YumMetadata): Promise<Selection | undefined> {
  const { config } = run
  const takesAll = config.retainOldCount === undefined && !packageTypes.some((type) => config.skip.includes(type))
  return takesAll ? undefined : selectPackages(primary, config, lasting(run))
}

/** Packages of the repository that count among the builds to be retained: what upstream has no more, if that stays at all. */
async function* lasting({ config, members }: YumSyncRun): AsyncGenerator<RepositoryMember> {
  if (config.retainOldCount === undefined || config.removeMissing) return
  for (const type of packageTypes) if (!config.skip.includes(type)) yield* members(type)
}

/** By repomd.xml; with `metadata: exact` also by its signature, which may be made anew for the same bytes. */
async function isUnchanged(
  { remembered, config }: YumSyncRun,
  fetch: YumSyncRun['fetch'],
  repository: URL,
  repomd: string,
): Promise<boolean> {
  if (config.forceFull || !isJsonObject(remembered)) return false
  if (remembered['repomd'] !== repomd || remembered['config'] !== fingerprint(config)) return false
  if (!config.exact) return true
  const signatures = stateIn(remembered['signatures'])
  return hasStill(
    fetch,
    repository,
    signatures,
    signatureNames.filter((name) => signatures[name] === undefined),
  )
}

/** What decides, besides repomd.xml, what a sync brings. Hashed, since feeds may hold credentials. */
function fingerprint(config: YumImporterConfig): string {
  const { feed, skip, retainOldCount, removeMissing, download, signatures, exact } = config
  return sha256Hex(
    JSON.stringify([
      readerVersion,
      feed,
      [...skip].sort(),
      retainOldCount ?? null,
      removeMissing,
      download,
      signatures ?? null,
      exact,
    ]),
  )
}
