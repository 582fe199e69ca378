import { isNamedByDigest, type PublishedFile } from '../../core/publication.ts'
import { isActive, mediaTypeOf } from './media-types.ts'
import type { Validators } from './preconditions.ts'

/** What is said of a file before its bytes; made once for each. Headers are a flat list of names and values. */
export interface FileHeaders extends Validators {
  /** Of the whole file: a 200. */
  readonly whole: readonly string[]
  /** Without type and length: a 304. */
  readonly unchanged: readonly string[]
  /** Without length: a 206 adds what part it is. */
  readonly part: readonly string[]
}

/**
 * `path` is the published path, of which the last segment counts. `lookup` tells whether the bytes were stored when they were
 * asked for (pulp2-types §4.3).
 */
export function fileHeaders(file: PublishedFile, path: string, lookup: 'HIT' | 'MISS' = 'HIT'): FileHeaders {
  const etag = `"${file.sha256}"`
  const lastModified = lastModifiedOf(file)
  const unchanged = ['ETag', etag, 'Last-Modified', lastModified, 'Cache-Control', cachePolicy(file, path)]
  const part = [...typeHeaders(file.mediaType, path), ...unchanged, 'Accept-Ranges', 'bytes', 'X-Cache-Lookup', lookup]
  return { etag, lastModified, unchanged, part, whole: [...part, 'Content-Length', String(file.size)] }
}

/** RFC 9110 §8.8.2.1: never later than the answer itself; the database's clock may be ahead of ours. */
export function lastModifiedOf(file: { readonly lastModified: Date }): string {
  return new Date(Math.min(file.lastModified.getTime(), Date.now())).toUTCString()
}

/**
 * What browsers could run gets a sandbox: mirrored pages live on the console's origin and must not act with its rights.
 */
export function typeHeaders(mediaType: string | null, path: string): readonly string[] {
  const type = mediaType ?? mediaTypeOf(path)
  const headers = ['Content-Type', type, 'X-Content-Type-Options', 'nosniff']
  return isActive(type) ? [...headers, 'Content-Security-Policy', 'sandbox allow-downloads'] : headers
}

/** Everything is asked for again, cheaply, unless its name says which bytes it stands for (design-notes §3). */
function cachePolicy(file: PublishedFile, path: string): string {
  return isNamedByDigest(file, path) ? 'public, max-age=31536000, immutable' : 'no-cache'
}
