import { extname } from 'node:path'

const byExtension: Readonly<Record<string, string>> = {
  '.asc': 'text/plain; charset=utf-8',
  '.bz2': 'application/x-bzip2',
  '.conf': 'text/plain; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.deb': 'application/vnd.debian.binary-package',
  '.drpm': 'application/x-rpm',
  '.efi': 'application/efi',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.iso': 'application/x-iso9660-image',
  '.jar': 'application/java-archive',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.key': 'text/plain; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.rpm': 'application/x-rpm',
  '.sig': 'application/pgp-signature',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.tgz': 'application/gzip',
  '.txt': 'text/plain; charset=utf-8',
  '.whl': 'application/zip',
  '.xml': 'text/xml',
  '.xz': 'application/x-xz',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.zip': 'application/zip',
  '.zst': 'application/zstd',
}

/** The media type of a file by its name, as web servers of this field guess it (pulp2-types §4.2). */
export function mediaTypeOf(path: string): string {
  return byExtension[extname(path).toLowerCase()] ?? 'application/octet-stream'
}

/** Whether a browser may run what a file of this type says. */
export function isActive(mediaType: string): boolean {
  return /^(?:text\/(?:html|xml)|application\/(?:[\w.-]+\+)?xml|image\/svg\+xml)/i.test(mediaType)
}
