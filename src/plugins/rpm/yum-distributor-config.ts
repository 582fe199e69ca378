import { ConfigReader } from '../../core/config-reader.ts'
import type { PublicationAccess } from '../../core/content-access.ts'
import { type DigestAlgorithm, parseDigestAlgorithm } from '../../core/digest.ts'
import type { JsonObject } from '../../core/json.ts'
import { relativeUrlFault } from '../../core/relative-url.ts'
import { type MetadataCompressionName, metadataCompressionNames } from './metadata/metadata-compression.ts'

/** The config of a yum distributor, as far as it acts on what is published (pulp2-types §5.8). */
export interface YumDistributorConfig {
  readonly relativeUrl: string | undefined
  readonly http: boolean
  readonly https: boolean
  /** Of the metadata files: in their names and in repomd.xml. */
  readonly checksumType: DigestAlgorithm
  /** The same of updateinfo. */
  readonly updateinfoChecksumType: DigestAlgorithm
  /** Types that are not published. */
  readonly skip: readonly string[]
  /** Upstream's metadata byte for byte instead of our own; an extension. */
  readonly exact: boolean
  /** Packages in `Packages/<letter>/`; an extension. */
  readonly packagesDirectory: boolean
  /** Whether repomd.xml is signed with the key of this installation. */
  readonly signMetadata: boolean
  /** Nothing of the publication before is taken over. */
  readonly forceFull: boolean
  /** `always`: also where it costs more than the publish of a change; an extension. */
  readonly openChecksum: 'always' | 'cheap'
  /** Of all metadata files; an extension. */
  readonly compression: MetadataCompressionName
  /** The packages once more as SQLite databases. */
  readonly databases: boolean
  /** Pages for people who browse. */
  readonly repoview: boolean
  /** What consumers are handed: the key of the packages, whom to trust, how to prove who they are. */
  readonly consumers: { readonly gpgKey?: string; readonly authority?: string; readonly clientCertificate?: string }
}

const required = ['relative_url', 'http', 'https']
const notNull = ['skip', 'protected', 'generate_sqlite']
const checksumTypes = ['md5', 'sha', 'sha1', 'sha256', 'sha512']
const certificates = ['auth_ca', 'auth_cert', 'https_ca']
/** Accepted without effect: what they ask for is so anyway, or concerns what is not published yet. */
const flagsWithoutEffect = ['protected', 'skip_pkg_tags', 'remove_old_repodata']
const forms = [
  'skip',
  'packages_directory',
  'gpg_sign_metadata',
  'checksum_type',
  'updateinfo_checksum_type',
  'metadata_compression',
]
/** Would change where clients find it; ignoring them would be a lie. */
const foldersNotSupported = ['http_publish_dir', 'https_publish_dir']

const known = new Set([
  ...required,
  ...certificates,
  ...flagsWithoutEffect,
  ...foldersNotSupported,
  'gpgkey',
  'gpg_sign_metadata',
  'checksum_type',
  'updateinfo_checksum_type',
  'skip',
  'remove_old_repodata_threshold',
  'packages_directory',
  'force_full',
  'generate_sqlite',
  'repoview',
  'open_checksum',
  'metadata_compression',
  'metadata',
])

export function parseYumDistributorConfig(raw: JsonObject): YumDistributorConfig {
  const reader = new ConfigReader(raw)
  for (const key of Object.keys(raw))
    if (!known.has(key)) reader.refuse(key, `${key} is not a key of the yum distributor`)
  requirePresence(reader)
  refuseUnsupported(reader)
  const config = {
    relativeUrl: readRelativeUrl(reader),
    ...readProtocols(reader),
    ...readChecksumTypes(reader),
    skip: reader.texts('skip'),
    exact: reader.oneOf('metadata', ['generated', 'exact'] as const) === 'exact',
    packagesDirectory: reader.flag('packages_directory', false),
    signMetadata: reader.flag('gpg_sign_metadata', false),
    forceFull: reader.flag('force_full', false),
    openChecksum: reader.oneOf('open_checksum', ['always', 'cheap'] as const) ?? 'cheap',
    compression: reader.oneOf('metadata_compression', metadataCompressionNames) ?? 'gzip',
    databases: reader.flag('generate_sqlite', false),
    repoview: reader.flag('repoview', false),
    consumers: readForConsumers(raw),
  }
  checkTheRest(reader)
  if (config.exact) refuseForms(reader, raw)
  reader.finish()
  return config
}

/** Checked with the rest; a key is not (pulp2-types §5.8). */
function readForConsumers({ gpgkey, https_ca: authority, auth_cert: certificate }: JsonObject) {
  return {
    ...(typeof gpgkey === 'string' && { gpgKey: gpgkey }),
    ...(typeof authority === 'string' && { authority }),
    ...(typeof certificate === 'string' && { clientCertificate: certificate }),
  }
}

function requirePresence(reader: ConfigReader): void {
  for (const key of required) if (!reader.names(key)) reader.refuse(key, `${key} is required`)
  for (const key of notNull) if (reader.names(key) && !reader.has(key)) reader.refuse(key, `${key} must not be null`)
}

function readRelativeUrl(reader: ConfigReader): string | undefined {
  const url = reader.text('relative_url')
  const fault = relativeUrlFault(url ?? '')
  if (fault !== undefined) reader.refuse('relative_url', fault)
  return url
}

function readProtocols(reader: ConfigReader): { http: boolean; https: boolean } {
  const [http, https] = [reader.flag('http', false), reader.flag('https', false)]
  const bothOff = reader.has('http') && reader.has('https') && !http && !https
  if (bothOff) reader.refuse('http', 'http or https must be true')
  return { http, https }
}

function readChecksumTypes(reader: ConfigReader) {
  const read = (key: string) => parseDigestAlgorithm(reader.oneOf(key, checksumTypes) ?? '')
  const checksumType = read('checksum_type') ?? 'sha256'
  return { checksumType, updateinfoChecksumType: read('updateinfo_checksum_type') ?? checksumType }
}

function refuseUnsupported(reader: ConfigReader): void {
  for (const key of foldersNotSupported) {
    if (reader.isFilled(key))
      reader.refuse(key, `${key} is not supported: publications are served, not written to a folder`)
  }
}

/** They say how metadata is made, and nothing is made. */
function refuseForms(reader: ConfigReader, raw: JsonObject): void {
  for (const key of forms) {
    if (reader.isFilled(key) && raw[key] !== false)
      reader.refuse(key, `${key} would change what metadata: exact shows as it is`)
  }
}

/** Only both keys together protect a publication (pulp2-types §5.8). */
export function yumAccess(sealed: JsonObject): PublicationAccess {
  const reader = new ConfigReader(sealed)
  const isProtected = reader.isFilled('auth_ca') && reader.isFilled('auth_cert')
  const clientAuthority = isProtected ? (reader.text('auth_ca') ?? '') : null
  return { http: reader.flag('http', false), https: reader.flag('https', false), clientAuthority }
}

/** Keys that are only looked at. */
function checkTheRest(reader: ConfigReader): void {
  for (const key of certificates) reader.certificate(key)
  for (const key of flagsWithoutEffect) reader.flag(key, false)
  reader.integer('remove_old_repodata_threshold', 0)
}
