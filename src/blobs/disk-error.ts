import { noSpace } from '../core/space.ts'

/** Whether the operating system gave this reason: `ENOENT`, `EEXIST` … */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** A full disk in words that name the folder and the remedy; every other error as it is. */
export function explainDiskError(error: unknown, folder: string): unknown {
  if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) return error
  return noSpace(`no space is left for ${folder}: free some or enlarge the disk (or quota)`, error)
}
