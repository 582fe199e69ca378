import type { FilledFolder } from '../../../core/distributor.ts'
import type { ExportManifest } from './export-manifest.ts'
import type { ExportPlan, ExportRun } from './export-plan.ts'
import { exportedFiles, exportedMetadata } from './exported-content.ts'

export interface ExportTarget {
  readonly folder: FilledFolder
  /** `''` or ending in a slash. */
  readonly below: string
  readonly manifest: ExportManifest | undefined
  /** One more unit is written. */
  readonly progress: () => void
}

/** Writes a repository into a folder: files first, so that the metadata never names what is not there. */
export async function writeExport(run: ExportRun, plan: ExportPlan, target: ExportTarget): Promise<void> {
  const { folder, below, manifest, progress } = target
  for await (const files of exportedFiles(run, plan)) {
    for (const { path, file } of files) {
      const body = run.read(file)
      await folder.write(`${below}${path}`, manifest?.reading(`${below}${path}`, body) ?? body)
    }
    progress()
  }
  for await (const made of exportedMetadata(run, plan)) await folder.make(below, manifest?.making(below, made) ?? made)
}
