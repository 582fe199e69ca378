/** The path of a request for content, or why it cannot be one. */
export type ContentPath = { readonly path: string } | { readonly status: 400 | 414; readonly reason: string }

/** No longer path can stand in the database's index. */
const longestPath = 4096
/** Means itself: nothing to decode, no empty or dotted segment to look for. */
const plain = /^[A-Za-z0-9_~\-./+@:,=!$&'()*;]+$/

/** Content owns `/pulp/` but for the API and the console's files (DESIGN §5), however many slashes stand between. */
export function ownsTarget(target: string): boolean {
  const single = target.includes('//') ? target.replace(/\/{2,}/g, '/') : target
  if (!single.startsWith('/pulp/')) return false
  return !isBelow(single, '/pulp/api') && !isBelow(single, '/pulp/static')
}

function isBelow(target: string, folder: string): boolean {
  if (!target.startsWith(folder)) return false
  const next = target.charAt(folder.length)
  return next === '' || next === '/' || next === '?'
}

/**
 * The absolute, decoded path of a request target (RFC 9112 §3.2). Decoded once; a plus is a plus. Repeated slashes count as one,
 * since clients join base URLs and paths carelessly; dotted segments and encoded slashes are refused, whoever wrote them.
 */
export function contentPath(target: string): ContentPath {
  const query = target.indexOf('?')
  const raw = query === -1 ? target : target.slice(0, query)
  if (raw.length > longestPath) return { status: 414, reason: 'The path is too long' }
  if (plain.test(raw) && !raw.includes('/.') && !raw.includes('//')) return { path: servedPath(raw) }
  return decode(raw)
}

function decode(raw: string): ContentPath {
  const segments: string[] = []
  for (const segment of raw.split('/')) {
    if (segment === '') continue
    const decoded = decodeSegment(segment)
    if (decoded === undefined) return { status: 400, reason: 'The path is not well-formed' }
    segments.push(decoded)
  }
  return { path: servedPath(`/${segments.join('/')}${raw.endsWith('/') ? '/' : ''}`) }
}

/** Pulp's manual and its code have exports in different places; in both they are found (pulp2-types §6). */
const [manualExports, exports] = ['/pulp/exports/repo/', '/pulp/exports/repos/']

function servedPath(path: string): string {
  return path.startsWith(manualExports) ? `${exports}${path.slice(manualExports.length)}` : path
}

function decodeSegment(segment: string): string | undefined {
  try {
    const decoded = decodeURIComponent(segment)
    if (decoded === '.' || decoded === '..') return undefined
    return decoded.includes('/') || decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}

/** The request target of a path. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
