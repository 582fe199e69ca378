import { invalid } from '../core/errors.ts'

/** Names that begin so are ours, in every folder that is filled. */
export const reservedName = '.deckle-export'

/** Throws kind `invalid` for what is no relative path to a file below a folder. */
export function requireExportPath(path: string): void {
  const segments = path.split('/')
  const isSafe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  if (!isSafe || path.includes('\0')) throw invalid(`${JSON.stringify(path)} is no path to a file below a folder`)
  if (path.startsWith(reservedName))
    throw invalid(`${path} cannot be exported: names with ${reservedName} are reserved`)
}

/** The folders that lead to a file, the outermost first: `a` and `a/b` for `a/b/c`. */
export function foldersAbove(path: string): readonly string[] {
  const segments = path.split('/').slice(0, -1)
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
}
