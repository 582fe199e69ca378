import type { IncomingHttpHeaders } from 'node:http'
import type { Query } from './query.ts'

export function isBrowser(headers: IncomingHttpHeaders): boolean {
  return /mozilla/i.test(headers['user-agent'] ?? '')
}

/** Browsers that take anything get a page; `_format` decides otherwise (rancher-api §1.4). */
export function wantsHtml(headers: IncomingHttpHeaders, query: Query): boolean {
  const format = query.get('_format')
  if (format === 'html' || format === 'json') return format === 'html'
  return isBrowser(headers) && (headers.accept ?? '*/*').includes('*/*')
}
