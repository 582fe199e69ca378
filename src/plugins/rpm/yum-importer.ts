import { sha256Hex } from '../../core/digest.ts'
import { feedSecrets } from '../../core/feed-config.ts'
import type { Importer, SyncEvent, SyncRun } from '../../core/importer.ts'
import { isJsonObject } from '../../core/json.ts'
import { errataEvents } from './errata/errata-stream.ts'
import { erratumType } from './errata/erratum-unit.ts'
import { uploadErratum } from './errata/upload-erratum.ts'
import { noFeed } from './metadata-errors.ts'
import { openFeed } from './open-feed.ts'
import { uploadPackage } from './package/upload-package.ts'
import { PackageStream } from './package-stream.ts'
import { type Selection, selectPackages } from './retained-packages.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { parseYumImporterConfig, type YumImporterConfig } from './yum-importer-config.ts'
import { fetchMetadata, listedFiles, type YumMetadata } from './yum-metadata.ts'
import { describeYumSync } from './yum-sync-report.ts'

/** Raised when a release of Deckle reads more out of a repository, so that unchanged ones are read once more. */
const readerVersion = 2
const packageTypes = [rpmType.id, srpmType.id]
const types = [...packageTypes, erratumType.id]

type Run = SyncRun<YumImporterConfig>

/** Mirrors a yum (dnf, zypper) repository (pulp2-types §5). */
export const yumImporter: Importer<YumImporterConfig> = {
  id: 'yum_importer',
  displayName: 'Yum Importer',
  contentTypes: types,
  config: { parse: parseYumImporterConfig, secrets: feedSecrets },
  upstream: (config) => config.upstream,
  policy: (config) => config,
  sync,
  describe: describeYumSync,
  upload: (run) => (run.type === erratumType.id ? uploadErratum(run) : uploadPackage(run)),
  unsupportedCopyOptions: ['recursive', 'recursive_conservative', 'additional_repos'],
  failedFilesFailTheRun: false,
}

async function* sync(run: Run): AsyncGenerator<SyncEvent> {
  const { feed } = run.config
  if (feed === undefined) throw noFeed()
  run.part('metadata', 'in-progress')
  const { repository, mirrors, fetch, repomd } = await openFeed(run.fetch, feed)
  if (isUnchanged(run, repomd.sha256)) return skipEverything(run)

  const { metadata, sha256 } = await fetchMetadata(fetch, repository, repomd, wantedFiles(run.config))
  const selection = await select(run.config, metadata)
  run.part('metadata', 'finished')
  // The core ends this part when the last file is stored.
  run.part('content', 'in-progress')
  yield* mirrors.spread(new PackageStream(run, repository, metadata, selection).events())
  yield* errata(run, metadata)
  yield { complete: types.filter((type) => !run.config.skip.includes(type)) }
  for (const part of ['distribution', 'comps']) run.part(part, 'skipped')
  run.part('purge_duplicates', 'finished')
  yield { remember: { repomd: sha256, config: fingerprint(run.config) } }
}

function wantedFiles({ skip }: YumImporterConfig) {
  return listedFiles.filter((file) => file !== 'updateinfo' || !skip.includes(erratumType.id))
}

/** Skipped where they are not wanted or there are none. */
async function* errata(run: Run, { updateinfo }: YumMetadata): AsyncGenerator<SyncEvent> {
  if (updateinfo === undefined) return run.part('errata', 'skipped')
  run.part('errata', 'in-progress')
  yield* errataEvents(run, updateinfo)
  run.part('errata', 'finished')
}

/** A pass ahead of the real one, only where some packages may be left out. */
async function select(config: YumImporterConfig, { primary }: YumMetadata): Promise<Selection | undefined> {
  const takesAll = config.retainOldCount === undefined && !packageTypes.some((type) => config.skip.includes(type))
  return takesAll ? undefined : selectPackages(primary, config)
}

function isUnchanged({ remembered, config }: Run, repomd: string): boolean {
  if (config.forceFull || !isJsonObject(remembered)) return false
  return remembered['repomd'] === repomd && remembered['config'] === fingerprint(config)
}

function skipEverything(run: Run): void {
  run.part('metadata', 'finished')
  for (const part of ['content', 'distribution', 'errata', 'comps', 'purge_duplicates']) run.part(part, 'skipped')
}

/** What decides, besides repomd.xml, what a sync brings. Hashed, since feeds may hold credentials. */
function fingerprint(config: YumImporterConfig): string {
  const { feed, skip, retainOldCount, removeMissing, download } = config
  return sha256Hex(
    JSON.stringify([readerVersion, feed, [...skip].sort(), retainOldCount ?? null, removeMissing, download]),
  )
}
