import type { ConfigReader } from './config-reader.ts'
import type { SyncPolicy } from './importer.ts'
import type { JsonObject } from './json.ts'
import type { UpstreamSettings } from './upstream.ts'

/** The keys that all importers with a feed have in common (pulp2-types §2). */
export interface FeedConfig extends SyncPolicy {
  /** Without credentials: those are in `upstream`. */
  readonly feed: string | undefined
  readonly validate: boolean
  readonly retainOldCount: number | undefined
  readonly upstream: UpstreamSettings
}

/** Keys of `FeedConfig` that are never printed. */
export const feedSecrets = ['basic_auth_password', 'proxy_password', 'ssl_client_key'] as const

const proxyKeys = ['proxy_port', 'proxy_username', 'proxy_password']

/** Reads the common keys; violations stay in `reader`. */
export function readFeedConfig(reader: ConfigReader, defaults: { readonly validate: boolean }): FeedConfig {
  const { url, credentials } = splitCredentials(reader.text('feed'))
  return {
    feed: url,
    validate: reader.flag('validate', defaults.validate),
    retainOldCount: reader.integer('retain_old_count', 0),
    removeMissing: reader.flag('remove_missing', false),
    download: reader.oneOf('download_policy', ['immediate', 'background', 'on_demand']) ?? 'immediate',
    upstream: { ...readUpstream(reader, credentials), ...(url !== undefined && { feed: url }) },
  }
}

/** A config with the user and the password of its feed in keys of their own, as Pulp has it since 2.11 (pulp2-types §2). */
export function keptFeedConfig(raw: JsonObject): JsonObject {
  const { feed } = raw
  const { url, credentials } = splitCredentials(typeof feed === 'string' ? feed : undefined)
  if (url === undefined || credentials === undefined) return raw
  const { username, password } = credentials
  return { ...raw, feed: url, basic_auth_username: username, basic_auth_password: password }
}

type Credentials = NonNullable<UpstreamSettings['basicAuth']>

function readUpstream(reader: ConfigReader, fromFeed: Credentials | undefined): UpstreamSettings {
  const maxDownloads = reader.integer('max_downloads', 1)
  const maxSpeed = reader.positiveNumber('max_speed')
  const basicAuth = readCredentials(reader, 'basic_auth') ?? fromFeed
  const proxy = readProxy(reader)
  return {
    tls: readTls(reader),
    ...(maxDownloads !== undefined && { maxDownloads }),
    ...(maxSpeed !== undefined && { maxSpeed }),
    ...(basicAuth !== undefined && { basicAuth }),
    ...(proxy !== undefined && { proxy }),
  }
}

function readTls(reader: ConfigReader): NonNullable<UpstreamSettings['tls']> {
  const ca = reader.text('ssl_ca_cert')
  const certificate = reader.text('ssl_client_cert')
  const key = reader.text('ssl_client_key')
  if (reader.has('ssl_client_key') && !reader.has('ssl_client_cert')) {
    reader.refuse('ssl_client_key', 'ssl_client_key needs ssl_client_cert')
  }
  return {
    verify: reader.flag('ssl_validation', true),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  }
}

function readProxy(reader: ConfigReader): UpstreamSettings['proxy'] {
  const host = reader.text('proxy_host')
  const port = reader.integer('proxy_port', 1)
  const credentials = readCredentials(reader, 'proxy')
  if (!reader.has('proxy_host') && proxyKeys.some((key) => reader.has(key))) {
    reader.refuse('proxy_host', 'proxy_host is required with the other proxy settings')
  }
  if (host === undefined) return undefined
  return { host, ...(port !== undefined && { port }), ...credentials }
}

/** `<prefix>_username` and `<prefix>_password`: both or neither. */
function readCredentials(reader: ConfigReader, prefix: string): Credentials | undefined {
  const [userKey, passwordKey] = [`${prefix}_username`, `${prefix}_password`]
  const username = reader.text(userKey)
  const password = reader.text(passwordKey)
  if (reader.has(userKey) !== reader.has(passwordKey)) {
    const [absent, present] = reader.has(userKey) ? [passwordKey, userKey] : [userKey, passwordKey]
    reader.refuse(absent, `${absent} is required with ${present}`)
  }
  return username === undefined || password === undefined ? undefined : { username, password }
}

/** Takes a user and password out of a feed URL, so that neither is printed with the addresses of files. */
function splitCredentials(feed: string | undefined): { url: string | undefined; credentials: Credentials | undefined } {
  const url = feed === undefined ? null : URL.parse(feed)
  if (url === null || (url.username === '' && url.password === '')) return { url: feed, credentials: undefined }
  const credentials = { username: decoded(url.username), password: decoded(url.password) }
  url.username = ''
  url.password = ''
  return { url: url.href, credentials }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
