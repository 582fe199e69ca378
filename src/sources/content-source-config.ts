import type { ContentSource } from '../core/content-source.ts'
import { DeckleError } from '../core/errors.ts'
import type { UpstreamSettings } from '../core/upstream.ts'

/** Reads a file of this machine, as text. */
export type ReadText = (path: string) => Promise<string>

const defaultExpires = '24h'
const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/**
 * Makes a source of a section. The values are those of Pulp 2's files in `/etc/pulp/content/sources/conf.d/`; certificates and keys are
 * paths of PEM files. Throws kind `invalid` that names the key.
 */
export async function toContentSource(
  id: string,
  entries: Readonly<Record<string, string>>,
  readText: ReadText,
): Promise<ContentSource> {
  const base = requiredUrl(entries['base_url'])
  const paths = (entries['paths'] ?? '').split(/\s+/).filter((path) => path !== '')
  const credentials = basicAuthOf(base, entries)
  return {
    id,
    enabled: flag(entries, 'enabled', undefined),
    priority: wholeNumber(entries, 'priority') ?? 0,
    type: required(entries, 'type'),
    baseUrls: (paths.length === 0 ? [''] : paths).map(
      (path) => new URL(withSlash(path.replace(/^\/+/, '')), base).href,
    ),
    expiresSeconds: readExpires(entries['expires'] ?? defaultExpires),
    upstream: {
      feed: base.href,
      tls: await readTls(entries, readText),
      ...limits(entries),
      ...(credentials !== undefined && { basicAuth: credentials }),
      ...readProxy(entries),
    },
    entries,
  }
}

type Entries = Readonly<Record<string, string>>

/** Without its credentials: they are for Basic. */
function requiredUrl(text: string | undefined): URL {
  const url = text === undefined ? null : URL.parse(withSlash(text))
  if (url !== null && ['http:', 'https:', 'file:'].includes(url.protocol)) return url
  throw wrong('base_url', 'an http, https or file address')
}

function basicAuthOf(url: URL, entries: Entries): UpstreamSettings['basicAuth'] {
  const username = entries['basic_auth_username'] ?? decodeURIComponent(url.username)
  const password = entries['basic_auth_password'] ?? decodeURIComponent(url.password)
  url.username = ''
  url.password = ''
  return username === '' ? undefined : { username, password }
}

function limits(entries: Entries): Pick<UpstreamSettings, 'maxDownloads' | 'maxSpeed'> {
  const maxDownloads = wholeNumber(entries, 'max_concurrent', 1)
  const maxSpeed = wholeNumber(entries, 'max_speed', 1)
  return { ...(maxDownloads !== undefined && { maxDownloads }), ...(maxSpeed !== undefined && { maxSpeed }) }
}

async function readTls(entries: Entries, readText: ReadText): Promise<NonNullable<UpstreamSettings['tls']>> {
  const read = async (key: string) => {
    const path = entries[key]
    if (path === undefined || path === '') return undefined
    return readText(path).catch((error: unknown) => {
      throw wrong(key, `a file that can be read (${error instanceof Error ? error.message : String(error)})`)
    })
  }
  const [ca, certificate, key] = [
    await read('ssl_ca_cert'),
    await read('ssl_client_cert'),
    await read('ssl_client_key'),
  ]
  return {
    verify: flag(entries, 'ssl_validation', true),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  }
}

function readProxy(entries: Entries): Pick<UpstreamSettings, 'proxy'> {
  const host = entries['proxy_url']
  if (host === undefined || host === '') return {}
  const port = wholeNumber(entries, 'proxy_port', 1)
  const [username, password] = [entries['proxy_username'], entries['proxy_password']]
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
  return { proxy: { host, ...(port !== undefined && { port }), ...credentials } }
}

/** `90`, `90s`, `15m`, `24h`, `3d`. */
function readExpires(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text.trim()) ?? []
  if (digits === undefined) throw wrong('expires', 'a number with s, m, h or d')
  return Number(digits) * seconds[unit as keyof typeof seconds]
}

function required(entries: Entries, key: string): string {
  const value = entries[key]
  if (value === undefined || value === '') throw wrong(key, 'there')
  return value
}

const truths: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false },
}

/** Must be there without a fallback. */
function flag(entries: Entries, key: string, fallback: boolean | undefined): boolean {
  const value = entries[key]
  const read =
    value === undefined ? fallback : Object.entries(truths).find(([name]) => name === value.toLowerCase())?.[1]
  if (read === undefined) throw wrong(key, 'true or false')
  return read
}

function wholeNumber(entries: Entries, key: string, least = 0): number | undefined {
  const value = entries[key]
  if (value === undefined || value === '') return undefined
  if (/^\d{1,15}$/.test(value) && Number(value) >= least) return Number(value)
  throw wrong(key, `a whole number of at least ${least}`)
}

function withSlash(text: string): string {
  return text === '' || text.endsWith('/') ? text : `${text}/`
}

function wrong(key: string, what: string): DeckleError {
  return new DeckleError('invalid', `${key} must be ${what}`, { fields: [key] })
}
