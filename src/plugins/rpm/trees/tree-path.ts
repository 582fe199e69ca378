import { FormatError } from '../../../formats/format-error.ts'

const maxLength = 1024
const maxSegment = 255

/** Names that Deckle itself gives to what tells of a tree. */
export const treeInfoNames = ['.treeinfo', 'treeinfo'] as const
export const furtherFilesName = 'PULP_DISTRIBUTION.xml'

/** Throws a FormatError for a path that leads out of the tree, or that no file can have. */
export function requireTreePath(path: string): void {
  const segments = path.split('/')
  const sound = path.length <= maxLength && path.isWellFormed() && !/[\p{Cc}\\]/u.test(path)
  if (sound && segments.every((segment) => isName(segment))) return
  throw new FormatError('malformed', `${JSON.stringify(path.slice(0, 100))} is no path of a file in the tree`)
}

function isName(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && segment.length <= maxSegment
}

/**
 * Whether a file is the tree's own to publish. Packages and their metadata are published as such, and those of repositories below the
 * tree are not mirrored.
 */
export function isTreeFile(path: string): boolean {
  const names: readonly string[] = [...treeInfoNames, furtherFilesName]
  if (names.includes(path) || path.endsWith('.rpm') || /^(Packages|drpms)\//.test(path)) return false
  return !path.split('/').slice(0, -1).includes('repodata')
}
