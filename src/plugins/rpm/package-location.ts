/**
 * Where a package can be fetched: its href below its own base, or below the repository. Undefined when that leads to no web address
 * nor to what the repository itself is read by.
 */
export function packageUrl(href: string, base: string | undefined, repository: URL): string | undefined {
  const root = base === undefined ? repository : URL.parse(withSlash(base))
  // Names may hold these; in a URL they would end the path.
  const path = /[#?]/.test(href) ? href.replaceAll('#', '%23').replaceAll('?', '%3F') : href
  const url = root === null ? null : URL.parse(path, root.href)
  const usable = url !== null && [repository.protocol, 'http:', 'https:'].includes(url.protocol)
  return usable ? url.href : undefined
}

/** Bytes, of a file and of what its name is made of. */
export const maxNameLength = 255

/** The name that a package file is kept and published under; undefined when the href ends in none that is safe. */
export function packageFileName(href: string): string | undefined {
  const name = href.slice(href.lastIndexOf('/') + 1)
  if (name.length > maxNameLength) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be refused
  const unsafe = name === '' || name === '.' || name === '..' || /[\u0000-\u001f\u007f\\]/.test(name)
  return unsafe ? undefined : name
}

/** The address of a file that is called by its path in a repository. */
export function urlBelow(repository: URL, path: string): string {
  return new URL(path.split('/').map(encodeURIComponent).join('/'), repository).href
}

/** A feed as the folder that it names. Undefined when it is no URL. */
export function repositoryUrl(feed: string): URL | undefined {
  const url = URL.parse(feed)
  if (url === null) return undefined
  url.pathname = withSlash(url.pathname)
  return url
}

/** The same folder with a slash at its end. */
export function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}
