import { mkdtemp, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeckleError } from '../../core/errors.ts'
import { livingPid, processIdentity } from './process-identity.ts'

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Lets one process work in `folder`. Throws kind `conflict` naming the one that does; what a dead one left is taken over.
 *
 * The lock is a folder that holds one empty file named for its owner and comes into being with it, by a rename. A rename
 * onto an empty folder succeeds for one process only, and a dead owner is removed by its name, so that a take-over never
 * hits a new owner.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'lock')
  const owner = `owner-${processIdentity(process.pid)}`
  while (!(await claim(path, owner))) await refuseWhileOwned(path, folder)
  return { release: () => release(path, owner) }
}

async function claim(path: string, owner: string): Promise<boolean> {
  const own = await mkdtemp(`${path}-`)
  await writeFile(join(own, owner), '')
  try {
    await rename(own, path)
    return true
  } catch (error) {
    await rm(own, { recursive: true })
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}

async function refuseWhileOwned(path: string, folder: string): Promise<void> {
  for (const name of await list(path)) {
    const pid = livingPid(name.slice('owner-'.length))
    if (pid !== undefined) throw inUse(folder, pid)
    await rm(join(path, name), { force: true })
  }
}

function inUse(folder: string, pid: number): DeckleError {
  const remedy = 'Stop it first, choose another DECKLE_DATA_DIR, or let both use one server by DECKLE_DATABASE_URL'
  return new DeckleError('conflict', `process ${pid} already runs the embedded PostgreSQL in ${folder}. ${remedy}`)
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

async function release(path: string, owner: string): Promise<void> {
  await unlink(join(path, owner))
  // Not empty: the next owner was faster, and the folder is its own now.
  await rmdir(path).catch(() => {})
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
