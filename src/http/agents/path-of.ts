import type { IncomingMessage } from 'node:http'

/** Without query, doubled slashes, and a slash at the end. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const path = (url.split('?', 1)[0] ?? '').replace(/\/{2,}/g, '/')
  return path.length > 1 ? path.replace(/\/$/, '') : path
}
