import type { GeneratedFile, PublishRun } from '../../../core/distributor.ts'
import type { ExportConfig } from './export-config.ts'
import { ExportManifest } from './export-manifest.ts'
import type { ExportPlan, ExportRun } from './export-plan.ts'
import { exportedFiles, exportedMetadata } from './exported-content.ts'
import { ImageSeries } from './image-series.ts'
import { Stage, type StagedFile } from './staged-file.ts'

export interface ImagesRun extends Pick<PublishRun<unknown>, 'signal' | 'temporaryFolder'> {
  readonly config: Pick<ExportConfig, 'prefix' | 'megabytes' | 'manifest'>
}

/** Makes images of the files that `sources` stages; one image and what it is made of are on the disk at a time. */
export async function* exportImages(
  run: ImagesRun,
  /** What the names of images begin with where the config does not say. */
  name: string,
  sources: (stage: Stage) => AsyncIterable<StagedFile>,
): AsyncGenerator<GeneratedFile> {
  const { signal, config } = run
  const { prefix = name, megabytes } = config
  const folder = await run.temporaryFolder()
  const series = new ImageSeries({ folder, prefix, megabytes, made: new Date(), signal })
  const manifest = new ExportManifest()
  for await (const image of filled(series, sources(new Stage(await run.temporaryFolder()))))
    yield manifest.making('', image)
  if (config.manifest) yield manifest.file()
}

async function* filled(series: ImageSeries, files: AsyncIterable<StagedFile>): AsyncGenerator<GeneratedFile> {
  for await (const staged of files) yield* series.add(staged)
  yield* series.finish()
}

/** A repository below a folder (`''` or ending in a slash), its metadata first. `progress` is called for each unit that is done. */
export async function* stagedExport(
  run: ExportRun,
  plan: ExportPlan,
  { stage, below, progress }: { readonly stage: Stage; readonly below: string; readonly progress: () => void },
): AsyncGenerator<StagedFile> {
  for await (const made of exportedMetadata(run, plan))
    for (const staged of await stage.make(made)) yield { ...staged, path: `${below}${staged.path}` }
  for await (const files of exportedFiles(run, plan)) {
    for (const { path, file } of files) yield await stage.write(`${below}${path}`, run.read(file))
    progress()
  }
}
