import { ConfigReader } from '../../core/config-reader.ts'
import { invalid } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

/** The config of a group export, as far as it acts on what is written (pulp2-types §6). */
export interface GroupExportConfig {
  readonly exportDir: string
  /** Types that are not written. */
  readonly skip: readonly string[]
  /** Whether each index is signed with the key of this installation; an extension. */
  readonly signMetadata: boolean
}

const required = ['http', 'https']
/** They speak of ISO images, or of what only those have. */
const ofImages = ['iso_prefix', 'iso_size', 'relative_url']
const dates = ['start_date', 'end_date']
const switches = ['generate_sqlite', 'manifest']
const known = new Set([...required, ...ofImages, ...dates, ...switches, 'export_dir', 'skip', 'gpg_sign_metadata'])

export function parseGroupExportConfig(raw: JsonObject): GroupExportConfig {
  const reader = new ConfigReader(raw)
  for (const key of Object.keys(raw)) {
    if (!known.has(key)) reader.refuse(key, `${key} is not a key of the group export distributor`)
  }
  for (const key of required) {
    if (!reader.names(key)) reader.refuse(key, `${key} is required`)
    reader.flag(key, false)
  }
  refuseImages(reader)
  const exportDir = reader.text('export_dir')
  if (exportDir === undefined) {
    reader.refuse('export_dir', 'export_dir is required: ISO images are not made yet, only trees in a folder')
  }
  const config = {
    exportDir: exportDir ?? '',
    skip: reader.texts('skip'),
    signMetadata: reader.flag('gpg_sign_metadata', false),
  }
  reader.finish()
  return config
}

/** Ignoring them would be a lie. */
function refuseImages(reader: ConfigReader): void {
  for (const key of ofImages) {
    if (reader.isFilled(key))
      reader.refuse(key, `${key} needs ISO images, which are not made yet: use export_dir alone`)
  }
  for (const key of dates) {
    if (reader.isFilled(key)) reader.refuse(key, `${key} asks for an incremental export, which is not made yet`)
  }
  for (const key of switches) if (reader.flag(key, false)) reader.refuse(key, `${key} is not supported yet`)
}

/** Null is a violation in what is stored (pulp2-types §6). */
export function requireNoNulls(raw: JsonObject): void {
  const [key] = Object.keys(raw).filter((name) => raw[name] === null)
  if (key !== undefined) throw invalid(`${key} must not be null`, [key])
}
