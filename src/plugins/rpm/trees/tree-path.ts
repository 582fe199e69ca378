import { FormatError } from '../../../formats/format-error.ts'

const maxLength = 1024
const maxSegment = 255

/** Names that Deckle itself gives to what tells of a tree. */
export const treeInfoNames = ['.treeinfo', 'treeinfo'] as const
export const furtherFilesName = 'PULP_DISTRIBUTION.xml'

/** Throws a FormatError for a path that leads out of the tree, or that no file can have. */
export function requireTreePath(path: string): void {
  if (isTreePath(path)) return
  throw new FormatError('malformed', `${JSON.stringify(path.slice(0, 100))} is no path of a file in the tree`)
}

function isTreePath(path: string): boolean {
  const sound = path.length <= maxLength && path.isWellFormed() && !/[\p{Cc}\\]/u.test(path)
  return sound && path.split('/').every((segment) => isName(segment))
}

function isName(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && segment.length <= maxSegment
}

/**
 * Where a path of a folder leads that a treeinfo names: `''` is the tree itself, else a path below it. Undefined where it leads out of
 * the tree, to another host, or nowhere.
 */
export function folderInTree(path: string): string | undefined {
  const segments: string[] = []
  for (const segment of path.trim().split('/')) {
    if (segment === '..' && segments.pop() === undefined) return undefined
    if (segment !== '' && segment !== '.' && segment !== '..') segments.push(segment)
  }
  const folder = segments.join('/')
  if (folder === '') return path.startsWith('/') ? undefined : folder
  return path.startsWith('/') || path.includes('://') || !isTreePath(folder) ? undefined : folder
}

/** The same of the folder of a repository; old treeinfos name its metadata instead. */
export function repositoryInTree(path: string): string | undefined {
  return folderInTree(path)?.replace(/(?:^|\/)repodata$/, '')
}

/**
 * Whether a file is the tree's own to publish. Packages and their metadata are published as such, and those of repositories below the
 * tree are read as repositories.
 */
export function isTreeFile(path: string): boolean {
  const names: readonly string[] = [...treeInfoNames, furtherFilesName]
  if (names.includes(path) || path.endsWith('.rpm') || /^(Packages|drpms)\//.test(path)) return false
  return !path.split('/').slice(0, -1).includes('repodata')
}
