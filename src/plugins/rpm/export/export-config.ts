import { ConfigReader } from '../../../core/config-reader.ts'
import type { PublicationAccess } from '../../../core/content-access.ts'
import { invalid } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import { relativeUrlFault } from '../../../core/relative-url.ts'
import type { ExportPlan } from './export-plan.ts'
import { readTimeSpan } from './time-span.ts'

/** The config of an export of a repository or of a group (pulp2-types §6). */
export interface ExportConfig extends ExportPlan {
  readonly relativeUrl: string | undefined
  /** Of the names of images; the id of the repository or group when undefined. */
  readonly prefix: string | undefined
  /** Of an image at most, in MB of 1024 × 1024 bytes. */
  readonly megabytes: number
  /** The folder that is filled; images are made without one. */
  readonly exportDir: string | undefined
  /** With a `PULP_MANIFEST`. */
  readonly manifest: boolean
}

/** What a DVD with one layer holds. */
const usualMegabytes = 4380
const required = ['http', 'https']
const known = new Set([
  ...required,
  'start_date',
  'end_date',
  'iso_prefix',
  'iso_size',
  'skip',
  'export_dir',
  'relative_url',
  'generate_sqlite',
  'manifest',
  'gpg_sign_metadata',
])

/** `who` has the config, in what is said of keys that are not known. */
export function parseExportConfig(raw: JsonObject, who = 'export distributor'): ExportConfig {
  const reader = openReader(raw, who)
  const relativeUrl = reader.text('relative_url')
  const fault = relativeUrlFault(relativeUrl ?? '')
  if (fault !== undefined) reader.refuse('relative_url', fault)
  const config = {
    ...readPlan(reader),
    relativeUrl,
    prefix: readPrefix(reader),
    megabytes: reader.integer('iso_size', 1) ?? usualMegabytes,
    exportDir: reader.text('export_dir'),
  }
  reader.finish()
  return config
}

/** A reader that has refused keys which are not known and noticed required ones that are missing. */
function openReader(raw: JsonObject, who: string): ConfigReader {
  const reader = new ConfigReader(raw)
  for (const key of Object.keys(raw)) if (!known.has(key)) reader.refuse(key, `${key} is not a key of the ${who}`)
  for (const key of required) {
    if (!reader.names(key)) reader.refuse(key, `${key} is required`)
    reader.flag(key, false)
  }
  return reader
}

function readPlan(reader: ConfigReader): ExportPlan & { readonly manifest: boolean } {
  return {
    skip: reader.texts('skip'),
    databases: reader.flag('generate_sqlite', false),
    signed: reader.flag('gpg_sign_metadata', false),
    span: readTimeSpan(reader),
    manifest: reader.flag('manifest', false),
  }
}

/** On which protocols images are served. */
export function exportAccess(sealed: JsonObject): PublicationAccess {
  const reader = new ConfigReader(sealed)
  return { http: reader.flag('http', false), https: reader.flag('https', false), clientAuthority: null }
}

/** Null is a violation in what is stored (pulp2-types §6). */
export function requireNoNulls(raw: JsonObject): void {
  const [key] = Object.keys(raw).filter((name) => raw[name] === null)
  if (key !== undefined) throw invalid(`${key} must not be null`, [key])
}

function readPrefix(reader: ConfigReader): string | undefined {
  const prefix = reader.text('iso_prefix')
  if (prefix === undefined || /^[_A-Za-z0-9-]+$/.test(prefix)) return prefix
  reader.refuse('iso_prefix', 'iso_prefix must be made of letters, digits, underscores and hyphens')
  return undefined
}
