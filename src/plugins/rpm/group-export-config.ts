import type { JsonObject } from '../../core/json.ts'
import { openExportConfig, readExportPlan } from './export/export-config.ts'
import type { ExportPlan } from './export/export-plan.ts'

/** The config of a group export, as far as it acts on what is written (pulp2-types §6). */
export interface GroupExportConfig extends ExportPlan {
  readonly exportDir: string
  /** With a `PULP_MANIFEST` of everything. */
  readonly manifest: boolean
}

/** They speak of ISO images, or of what only those have. */
const ofImages = ['iso_prefix', 'iso_size', 'relative_url']

export function parseGroupExportConfig(raw: JsonObject): GroupExportConfig {
  const reader = openExportConfig(raw, 'group export distributor')
  for (const key of ofImages) {
    // Ignoring them would be a lie.
    if (reader.isFilled(key))
      reader.refuse(key, `${key} needs ISO images, which are not made of groups: use export_dir alone`)
  }
  const exportDir = reader.text('export_dir')
  if (exportDir === undefined) {
    reader.refuse('export_dir', 'export_dir is required: of groups no ISO images are made, only trees in a folder')
  }
  const config = { ...readExportPlan(reader), exportDir: exportDir ?? '' }
  reader.finish()
  return config
}
