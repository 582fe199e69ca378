import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { TargetPath } from './target-path.ts'

/** The URLs that an answer emits: absolute, lower-case, inside the project of the request (rancher-api §1.1). */
export interface Urls {
  /** `http://host:8080`. */
  readonly origin: string
  /** `…/v1`, or `…/v1/projects/1a5` for a request with that prefix. */
  readonly base: string
  /** Of the request, without its query. */
  readonly self: string
  /** Below `base`. */
  of(...segments: readonly string[]): string
}

type Asked = Pick<IncomingMessage, 'headers' | 'socket'>

/** Lower-case all of it; ids have no capitals. */
export function urlsOf(path: TargetPath, request: Asked): Urls {
  const origin = originOf(request)
  const prefix = path.project === undefined ? '' : `/projects/${encodeURIComponent(path.project)}`
  const base = `${origin}/${path.version}${prefix}`.toLowerCase()
  const of = (...segments: readonly string[]) =>
    [base, ...segments.map((segment) => encodeURIComponent(segment).toLowerCase())].join('/')
  return { origin, base, of, self: path.isRoot ? `${origin}/` : of(...path.segments) }
}

const hostPattern = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** What the client has asked, as far as it says so: `http://host:8080`, lower-case. */
export function originOf({ headers, socket }: Asked): string {
  const own = socket instanceof TLSSocket ? 'https' : 'http'
  const scheme = (first(headers['x-forwarded-proto'])?.toLowerCase() ?? own) === 'https' ? 'https' : 'http'
  const forwarded = first(headers['x-forwarded-host'])
  const given = [forwarded, headers.host].find((one) => one !== undefined && hostPattern.test(one)) ?? 'localhost'
  const host = withPort(given, first(headers['x-forwarded-port']), given === forwarded)
  return `${scheme}://${host}`.toLowerCase().replace(scheme === 'https' ? /:443$/ : /:80$/, '')
}

/** A forwarded port is that of the forwarded host, unless the host names one. */
function withPort(host: string, port: string | undefined, isForwarded: boolean): string {
  if (port === undefined || !/^\d{1,5}$/.test(port)) return host
  if (isForwarded && /:\d+$/.test(host)) return host
  const bare = host.replace(/:\d+$/, '')
  return port === '80' || port === '443' ? bare : `${bare}:${port}`
}

/** Proxies in a row make a list; the first is what the client asked. */
function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header
  return text?.split(',')[0]?.trim()
}
