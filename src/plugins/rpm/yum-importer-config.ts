import { ConfigReader } from '../../core/config-reader.ts'
import { type FeedConfig, feedSecrets, readFeedConfig } from '../../core/feed-config.ts'
import type { JsonObject } from '../../core/json.ts'
import { readCopyOptions } from './copy/copy-options.ts'
import { erratumType } from './errata/erratum-unit.ts'
import { readSignaturePolicy, type SignaturePolicy } from './package/signature-policy.ts'
import { distributionType } from './trees/distribution-unit.ts'

/** The config of a yum importer (pulp2-types §2, §5.2). */
export interface YumImporterConfig extends FeedConfig {
  /** Types that are not synced. */
  readonly skip: readonly string[]
  /** Look at everything although upstream has not changed. */
  readonly forceFull: boolean
  /** Undefined where every package is taken. */
  readonly signatures: SignaturePolicy | undefined
  /** Store an uploaded erratum without putting it into the repository. */
  readonly skipErratumLink: boolean
  /** Keep upstream's metadata byte for byte too, for distributors with the same key; an extension. */
  readonly exact: boolean
}

/** Keys that are never printed. */
export const yumImporterSecrets = [...feedSecrets, 'query_auth_token']

/** What cannot carry a token in its address (pulp2-types §5.2). */
const withoutToken: readonly string[] = [erratumType.id, distributionType.id]

export function parseYumImporterConfig(raw: JsonObject): YumImporterConfig {
  const reader = new ConfigReader(raw)
  const feed = readFeedConfig(reader, { validate: false })
  const queryToken = readToken(reader)
  const skipped = reader.texts('type_skip_list')
  const config = {
    ...feed,
    upstream: { ...feed.upstream, ...(queryToken !== undefined && { queryToken }) },
    skip: queryToken === undefined ? skipped : [...new Set([...skipped, ...withoutToken])],
    forceFull: reader.flag('force_full', false),
    signatures: readSignaturePolicy(reader),
    skipErratumLink: reader.flag('skip_erratum_link', false),
    exact: reader.oneOf('metadata', ['generated', 'exact'] as const) === 'exact',
  }
  if (config.signatures !== undefined && feed.download !== 'immediate')
    reader.refuse(
      'download_policy',
      'require_signature and allowed_keys need the download_policy immediate: signatures are in the packages',
    )
  if (config.exact) refuseSelection(reader)
  // What copies go by stands in the same config.
  readCopyOptions(reader)
  reader.finish()
  return config
}

/** In an address as it is, so it must be fit for one. */
function readToken(reader: ConfigReader): string | undefined {
  const token = reader.text('query_auth_token')?.replace(/^\?/, '')
  if (token === undefined || token === '') return undefined
  if (!/^[\w.~!$&'()*+,;=:@/?%-]+$/.test(token))
    reader.refuse('query_auth_token', 'query_auth_token must be fit for the query of an address')
  return token
}

/** Upstream's metadata describes all that it has. */
function refuseSelection(reader: ConfigReader): void {
  for (const key of ['type_skip_list', 'retain_old_count', 'query_auth_token']) {
    if (reader.isFilled(key)) reader.refuse(key, `${key} leaves out what metadata: exact shows`)
  }
}
