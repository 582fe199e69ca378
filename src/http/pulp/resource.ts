import { root } from './hrefs.ts'

const prefix = root.slice(0, root.indexOf('/v2/'))

/**
 * The resource that permissions name for a path of this API: without the API's prefix, decoded, with a slash at both ends
 * (pulp2-api §1.6). A resource stays itself.
 */
export function toResource(path: string): string {
  // The router ends a path there too.
  const [plain = ''] = path.split('#', 1)
  const own = plain.startsWith(`${prefix}/`) ? plain.slice(prefix.length) : plain
  const segments = own.split('/').filter((segment) => segment !== '')
  return ['', ...segments.map(decode), ''].join('/').replace(/^\/+$/, '/')
}

/** A segment that would become two stays as it is. */
function decode(segment: string): string {
  try {
    const decoded = decodeURIComponent(segment)
    return decoded.includes('/') ? segment : decoded
  } catch {
    return segment
  }
}
