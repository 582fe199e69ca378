import type { OtherDistributor } from './distributor.ts'
import { invalid } from './errors.ts'

/** What is wrong with a `relative_url` by itself; undefined when nothing is. */
export function relativeUrlFault(url: string): string | undefined {
  if (url.startsWith('/')) return 'relative_url must not start with a slash'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be refused
  if (/[\u0000-\u001f\u007f\\]/.test(url)) return 'relative_url must not hold backslashes or control characters'
  const climbs = partsOf(url).some((part) => part === '..' || part === '.')
  return climbs ? 'relative_url must not hold "." or ".." as a part' : undefined
}

/** Without needless slashes, or the repository's id where none is set. */
export function effectiveRelativeUrl(url: string | undefined, repositoryId: string): string {
  const parts = partsOf(url ?? '')
  return parts.length === 0 ? repositoryId : parts.join('/')
}

/**
 * Throws kind `invalid` when the path is equal to, above or below that of another distributor of the same kind
 * (pulp2-types §5.8); compared part by part, so that `zoo` and `zoo-2` get along.
 */
export function requireDistinctUrl(own: string, others: readonly OtherDistributor[], whose = 'repository'): void {
  for (const other of others) {
    const configured = other.config['relative_url']
    const url = effectiveRelativeUrl(typeof configured === 'string' ? configured : undefined, other.repositoryId)
    if (!overlaps(partsOf(own), partsOf(url))) continue
    throw invalid(`relative_url ${own} conflicts with ${url} of ${whose} ${other.repositoryId}`, ['relative_url'])
  }
}

function partsOf(url: string): readonly string[] {
  return url.split('/').filter((part) => part !== '')
}

function overlaps(one: readonly string[], two: readonly string[]): boolean {
  const shared = Math.min(one.length, two.length)
  return one.slice(0, shared).every((part, index) => part === two[index])
}
