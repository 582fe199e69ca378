import { DeckleError, invalid } from '../core/errors.ts'
import type { UpstreamSettings } from '../core/upstream.ts'
import type { AddressGuard } from './address-guard.ts'
import { redactUrl } from './redact-url.ts'

/** One request on the way to a file: the URL asked for, or where a redirect led. */
export interface Hop {
  readonly url: URL
  /** The origin that the credentials are for; they are sent nowhere else. */
  readonly home: string
  readonly authorization: string | undefined
  /** Whether the client certificate may be shown. */
  readonly trusted: boolean
  /** A public upstream led here, so private addresses are refused. */
  readonly onlyPublic: boolean
  /** Not what was asked for, but where upstream led. */
  readonly byUpstream: boolean
}

/** Reads a URL that is to be fetched. Throws kind `invalid`. */
export function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url !== null && ['http:', 'https:', 'file:'].includes(url.protocol)) return url
  throw invalid(`${redactUrl(text)} is not an http:, https: or file: URL`, ['feed'])
}

/** The request for the URL itself, with the credentials in it or else those of the settings. */
export async function firstHop(url: URL, settings: UpstreamSettings, guard: AddressGuard): Promise<Hop> {
  const feed = settings.feed === undefined ? url : parseUrl(settings.feed)
  const trusted = feed.origin === url.origin
  return {
    url,
    home: url.origin,
    authorization: authorization(url, trusted ? settings.basicAuth : undefined),
    trusted,
    onlyPublic: !trusted && feed.protocol !== 'file:' && (await guard.isPublic(feed.hostname)),
    byUpstream: !trusted,
  }
}

/** The request that a redirect asks for. Throws kind `upstream` where it may not lead. */
export async function nextHop(hop: Hop, location: string | undefined, guard: AddressGuard): Promise<Hop> {
  const url = URL.parse(location ?? '', hop.url.href)
  if (location === undefined || url === null || !/^https?:$/.test(url.protocol)) throw badRedirect(hop, location)
  const goesHome = url.origin === hop.home
  url.username = goesHome ? hop.url.username : ''
  url.password = goesHome ? hop.url.password : ''
  const onlyPublic = hop.onlyPublic || (await guard.isPublic(hop.url.hostname))
  return { ...hop, url, trusted: hop.trusted && goesHome, onlyPublic, byUpstream: true }
}

function authorization(url: URL, basic: UpstreamSettings['basicAuth']): string | undefined {
  if (url.username !== '' || url.password !== '') return basicAuth(decode(url.username), decode(url.password))
  return basic === undefined ? undefined : basicAuth(basic.username, basic.password)
}

/** RFC 7617, in UTF-8. */
export function basicAuth(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** A user name or password of a URL; a stray percent sign stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function badRedirect(hop: Hop, location: string | undefined): DeckleError {
  const where = location === undefined ? 'to nowhere' : `to ${redactUrl(location)}, which is no http: or https: URL`
  return new DeckleError('upstream', `${redactUrl(hop.url.href)}: upstream redirects ${where}`, {
    code: 'bad_redirect',
  })
}
