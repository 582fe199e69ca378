import type { Distributor, FilledFolder, GeneratedFile, PublishRun } from '../../../core/distributor.ts'
import type { Layout } from '../../../core/layout.ts'
import { effectiveRelativeUrl, requireDistinctUrl } from '../../../core/relative-url.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { describeYumPublish } from '../yum-publish-report.ts'
import { type ExportConfig, exportAccess, parseExportConfig, requireNoNulls } from './export-config.ts'
import { exportImages, stagedExport } from './export-images.ts'
import { ExportManifest } from './export-manifest.ts'
import { countExported, exportedTypes } from './exported-content.ts'
import { writeExport } from './write-export.ts'

type Run = PublishRun<ExportConfig>

/** Publications of images show no files of units. */
const imagesLayout: Layout = {
  id: 'rpm-images-1',
  locate: () => undefined,
  place: (unitFile) => unitFile,
  unitFilesBelow: () => undefined,
}

/** Writes a repository as a yum repository into a folder, or into ISO images that are served below `/pulp/exports/repos/` (pulp2-types §6). */
export const exportDistributor: Distributor<ExportConfig> = {
  id: 'export_distributor',
  displayName: 'Export Distributor',
  contentTypes: yumDistributor.contentTypes,
  config: { parse: (raw) => parseExportConfig(raw), storable: requireNoNulls, secrets: [] },
  validate: (config, repositoryId, others) => requireDistinctUrl(urlOf(config, repositoryId), others),
  basePath: (config, repositoryId) => `/pulp/exports/repos/${urlOf(config, repositoryId)}`,
  layout: () => imagesLayout.id,
  layouts: { [imagesLayout.id]: imagesLayout },
  access: exportAccess,
  takesFiles: exportedTypes,
  publish,
  delivery: {
    folder: ({ exportDir }) => (exportDir === undefined ? undefined : { path: exportDir, key: 'export_dir' }),
    deliver,
  },
  describe: describeYumPublish,
}

function urlOf({ relativeUrl }: ExportConfig, repositoryId: string): string {
  return effectiveRelativeUrl(relativeUrl, repositoryId)
}

async function* publish(run: Run): AsyncGenerator<GeneratedFile> {
  if (run.config.exportDir !== undefined) return
  const progress = exportStep(run, 'images')
  yield* exportImages(run, run.repository.id, (stage) => stagedExport(run, run.config, { stage, below: '', progress }))
  run.step('images', 'finished')
}

async function deliver(run: Run, folder: FilledFolder): Promise<void> {
  const manifest = run.config.manifest ? new ExportManifest() : undefined
  await writeExport(run, run.config, { folder, below: '', manifest, progress: exportStep(run, 'export') })
  if (manifest !== undefined) await folder.make('', manifest.file())
  run.step('export', 'finished')
}

/** Begins the step; what it returns is called for each unit whose files are done. */
function exportStep(run: Run, name: string): () => void {
  const total = countExported(run, run.config)
  let done = 0
  run.step(name, 'in-progress', { total, done })
  return () => {
    done += 1
    run.step(name, 'in-progress', { total, done })
  }
}
