import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { hasCode } from '../blobs/disk-error.ts'
import { invalid } from '../core/errors.ts'
import type { WantedFolder } from '../core/safe-folder.ts'

/**
 * The real path of a folder that lies in one of the allowed ones or is one of them. Links are followed on both sides; what does
 * not exist yet counts for the folder that it will be made in. Throws kind `invalid`.
 */
export async function allowedFolder({ path, key }: WantedFolder, allowed: readonly string[]): Promise<string> {
  if (!isAbsolute(path)) throw invalid(`${key} must be an absolute path`, [key])
  const real = await realPath(path, key)
  for (const folder of allowed) {
    if (isInside(real, await realPath(folder, key))) return real
  }
  const remedy = allowed.length === 0 ? 'which is empty' : `which lists ${allowed.join(', ')}`
  throw invalid(`${key} ${path} is not in a folder that the setting DECKLE_EXPORT_DIRS allows, ${remedy}`, [key])
}

async function realPath(path: string, key: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (hasCode(error, 'ENOENT') && parent !== path) return join(await realPath(parent, key), basename(path))
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(`${key} cannot be used: ${reason}`, [key])
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}
