import type { FilledFolder, GeneratedFile } from '../../core/distributor.ts'
import type { GroupDistributor, GroupMember, GroupPublishRun } from '../../core/group-distributor.ts'
import { inOnePiece } from '../../core/in-one-piece.ts'
import { effectiveRelativeUrl, requireDistinctUrl } from '../../core/relative-url.ts'
import { type ExportConfig, exportAccess, parseExportConfig, requireNoNulls } from './export/export-config.ts'
import { exportImages, stagedExport } from './export/export-images.ts'
import { ExportManifest } from './export/export-manifest.ts'
import { countExported, exportedTypes } from './export/exported-content.ts'
import type { Stage, StagedFile } from './export/staged-file.ts'
import { writeExport } from './export/write-export.ts'
import { yumDistributor } from './yum-distributor.ts'
import { describeGroupExport } from './yum-publish-report.ts'

type Run = GroupPublishRun<ExportConfig>

/**
 * Writes each repository of a group as a yum repository into a folder with its id: below `export_dir`, or in ISO images that are served
 * below `/pulp/exports/repo_group/` (pulp2-types §6).
 */
export const groupExportDistributor: GroupDistributor<ExportConfig> = {
  id: 'group_export_distributor',
  displayName: 'Group Export Distributor',
  contentTypes: yumDistributor.contentTypes,
  config: {
    parse: (raw) => parseExportConfig(raw, 'group export distributor'),
    storable: requireNoNulls,
    secrets: [],
  },
  takesFiles: exportedTypes,
  folder: ({ exportDir }) => (exportDir === undefined ? undefined : { path: exportDir, key: 'export_dir' }),
  publish: fill,
  serving: {
    basePath: (config, groupId) => `/pulp/exports/repo_group/${urlOf(config, groupId)}`,
    access: exportAccess,
    validate: (config, groupId, others) => requireDistinctUrl(urlOf(config, groupId), others, 'group'),
    files: images,
  },
  describe: describeGroupExport,
}

function urlOf({ relativeUrl }: ExportConfig, groupId: string): string {
  return effectiveRelativeUrl(relativeUrl, groupId)
}

async function fill(run: Run, folder: FilledFolder): Promise<void> {
  const manifest = run.config.manifest ? new ExportManifest() : undefined
  for (const member of run.repositories) {
    const { below, exported, progress, finished } = exporting(run, member)
    await writeExport(exported, run.config, { folder, below, manifest, progress })
    finished()
  }
  for (const file of listingOf(run)) await folder.make('', manifest?.making('', file) ?? file)
  if (manifest !== undefined) await folder.make('', manifest.file())
}

async function* images(run: Run): AsyncGenerator<GeneratedFile> {
  if (run.config.exportDir !== undefined) return
  yield* exportImages(run, run.group.id, (stage) => staged(run, stage))
}

async function* staged(run: Run, stage: Stage): AsyncGenerator<StagedFile> {
  for (const file of listingOf(run)) yield* await stage.make(file)
  for (const member of run.repositories) {
    const { below, exported, progress, finished } = exporting(run, member)
    yield* stagedExport(exported, run.config, { stage, below, progress })
    finished()
  }
}

/** Begins the step of a repository. */
function exporting(run: Run, member: GroupMember) {
  const { id } = member.repository
  const exported = { ...run, ...member, step: () => undefined }
  const total = countExported(exported, run.config)
  let done = 0
  run.step(id, 'in-progress', { total, done })
  return {
    below: `${id}/`,
    exported,
    progress: () => {
      done += 1
      run.step(id, 'in-progress', { total, done })
    },
    finished: () => run.step(id, 'finished', { total, done }),
  }
}

const listing = 'listing'

/** The names of the folders, as Pulp lists them above repositories (pulp2-types §5.9); not where one of them has the file's own name. */
function* listingOf({ repositories }: Run): Generator<GeneratedFile> {
  const names = repositories.map(({ repository }) => repository.id).toSorted()
  if (!names.includes(listing)) yield { path: listing, mediaType: 'text/plain', body: inOnePiece(names.join('\n')) }
}
