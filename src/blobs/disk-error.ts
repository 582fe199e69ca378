import { DeckleError } from '../core/errors.ts'
import { noSpace } from '../core/space.ts'

/** Whether the operating system gave this reason: `ENOENT`, `EEXIST` … */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** A full or broken disk in words that name the folder and the remedy; every other error as it is. */
export function explainDiskError(error: unknown, folder: string): unknown {
  if (hasCode(error, 'EIO') || hasCode(error, 'EROFS')) return broken(error, folder)
  if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) return error
  return noSpace(`no space is left for ${folder}: free some or enlarge the disk (or quota)`, error)
}

function broken(error: unknown, folder: string): DeckleError {
  const reason = error instanceof Error ? error.message : String(error)
  const message = `the disk of ${folder} fails (${reason}): check it and the log of the system, then run the task again`
  return new DeckleError('internal', message, { code: 'disk_error' }, { cause: error })
}
