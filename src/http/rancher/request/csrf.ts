import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RancherError } from '../errors.ts'
import { isBrowser } from './browser.ts'
import type { Query } from './query.ts'

const pattern = /(?:^|;\s*)CSRF=([^;]+)/

/** The token for the browser's cookie: the one that it has, or a new one (rancher-api §1.5). */
export function csrfToken(headers: IncomingHttpHeaders): string {
  const given = cookieOf(headers)
  return given !== undefined && /^[0-9A-F]{10}$/.test(given) ? given : randomBytes(5).toString('hex').toUpperCase()
}

/**
 * Throws 403 `InvalidCSRFToken` where a browser changes something and does not repeat its cookie. Browsers of today leave the
 * cookie out when another site's page makes the request, so a request that says so is refused too, and so is a change by a plain GET.
 */
export function checkCsrf(method: string, sent: string, headers: IncomingHttpHeaders, query: Query): void {
  if (method === 'GET' || method === 'HEAD' || !isBrowser(headers)) return
  const cookie = cookieOf(headers)
  const repeated = one(headers['x-api-csrf']) ?? query.get('CSRF')
  const holds = cookie === undefined ? sent !== 'GET' && isOwnPage(headers) : isEqual(cookie, repeated)
  if (!holds) throw RancherError.coded(403, 'InvalidCSRFToken', 'CSRF header and cookie do not match')
}

function cookieOf(headers: IncomingHttpHeaders): string | undefined {
  return pattern.exec(headers.cookie ?? '')?.[1]
}

function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = one(headers['sec-fetch-site'])
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = headers
  if (origin === undefined) return true
  return [headers.host, one(headers['x-forwarded-host'])].some((host) => origin.replace(/^https?:\/\//, '') === host)
}

function isEqual(cookie: string, repeated: string | undefined): boolean {
  const [left, right] = [Buffer.from(cookie), Buffer.from(repeated ?? '')]
  return left.length === right.length && timingSafeEqual(left, right)
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
