import type { GeneratedFile, PublishRun } from '../../../core/distributor.ts'
import type { SegmentedFiles } from '../../../core/segment.ts'
import type { ExportConfig } from './export-config.ts'
import { ExportManifest } from './export-manifest.ts'
import { exportedFiles, exportedMetadata } from './exported-content.ts'
import { ImageSeries } from './image-series.ts'
import { Stage } from './staged-file.ts'

/** Makes the images of a repository, the metadata in the first; one image and what it is made of are on the disk at a time. */
export async function* exportImages(
  run: PublishRun<ExportConfig>,
  progress: () => void,
): AsyncGenerator<GeneratedFile | SegmentedFiles> {
  const { config, repository, signal } = run
  const prefix = config.prefix ?? repository.id
  const folder = await run.temporaryFolder()
  const series = new ImageSeries({ folder, prefix, megabytes: config.megabytes, made: new Date(), signal })
  const manifest = new ExportManifest()
  for await (const image of filled(run, series, progress)) {
    yield manifest.making('', image)
  }
  if (config.manifest) yield manifest.file()
}

async function* filled(
  run: PublishRun<ExportConfig>,
  series: ImageSeries,
  progress: () => void,
): AsyncGenerator<GeneratedFile> {
  const stage = new Stage(await run.temporaryFolder())
  for await (const made of exportedMetadata(run, run.config))
    for (const staged of await stage.make(made)) yield* series.add(staged)
  for await (const files of exportedFiles(run, run.config)) {
    for (const { path, file } of files) yield* series.add(await stage.write(path, run.read(file)))
    progress()
  }
  yield* series.finish()
}
