import { packageFileName } from '../package-location.ts'
import { isGeneratedMetadata } from '../rpm-layouts.ts'

/**
 * Where a file of custom metadata stands in a publication: `repodata/` and the name that it has upstream, not prefixed (pulp2-types §5.9),
 * unless that is one of the names that a publication makes itself, or is taken already. Undefined when the href ends in no safe name.
 */
export function customMetadataPath(
  href: string,
  type: string,
  taken: ReadonlySet<string> = new Set(),
): string | undefined {
  const name = packageFileName(href)
  if (name === undefined || name.length > 255 || !name.isWellFormed()) return undefined
  const path = `repodata/${name}`
  if (!isGeneratedMetadata(path) && !taken.has(path)) return path
  const renamed = `repodata/${type.replaceAll(/[^\w.-]/g, '_')}-${name}`
  return isGeneratedMetadata(renamed) || taken.has(renamed) ? undefined : renamed
}
