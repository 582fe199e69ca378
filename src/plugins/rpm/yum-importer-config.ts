import { ConfigReader } from '../../core/config-reader.ts'
import { type FeedConfig, readFeedConfig } from '../../core/feed-config.ts'
import type { JsonObject } from '../../core/json.ts'
import { readCopyOptions } from './copy/copy-options.ts'

/** The config of a yum importer (pulp2-types §2, §5.2). */
export interface YumImporterConfig extends FeedConfig {
  /** Types that are not synced. */
  readonly skip: readonly string[]
  /** Look at everything although upstream has not changed. */
  readonly forceFull: boolean
  /** Keep upstream's metadata byte for byte too, for distributors with the same key; an extension. */
  readonly exact: boolean
}

/** What would change which packages are mirrored, and is not there yet. */
const notSupported = ['query_auth_token', 'allowed_keys']
const flagsNotSupported = ['require_signature', 'skip_erratum_link']

export function parseYumImporterConfig(raw: JsonObject): YumImporterConfig {
  const reader = new ConfigReader(raw)
  for (const key of notSupported) if (reader.isFilled(key)) reader.refuse(key, `${key} is not supported yet`)
  for (const key of flagsNotSupported) if (reader.flag(key, false)) reader.refuse(key, `${key} is not supported yet`)
  const config = {
    ...readFeedConfig(reader, { validate: false }),
    skip: reader.texts('type_skip_list'),
    forceFull: reader.flag('force_full', false),
    exact: reader.oneOf('metadata', ['generated', 'exact'] as const) === 'exact',
  }
  if (config.exact) refuseSelection(reader)
  // What copies go by stands in the same config.
  readCopyOptions(reader, raw)
  reader.finish()
  return config
}

/** Upstream's metadata describes all that it has. */
function refuseSelection(reader: ConfigReader): void {
  for (const key of ['type_skip_list', 'retain_old_count']) {
    if (reader.isFilled(key)) reader.refuse(key, `${key} leaves out what metadata: exact shows`)
  }
}
