import { noSpace } from '../../core/space.ts'

const ofFiles = ['ENOSPC', 'EDQUOT']
/** SQLITE_FULL. */
const ofSqlite = 13

/** What a full disk throws as what makes the task wait for space; every other error as it is. */
export function explainFullDisk(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const isFull =
    ('code' in error && ofFiles.some((code) => code === error.code)) ||
    ('errcode' in error && error.errcode === ofSqlite)
  return isFull ? fullDisk(error) : error
}

export function fullDisk(cause: unknown): Error {
  return noSpace('no space is left for temporary files of the publish: free some or enlarge the disk (or quota)', cause)
}

/** Runs `work` on temporary files. */
export async function withRoom<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw explainFullDisk(error)
  }
}
