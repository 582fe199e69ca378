import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './disk-error.ts'
import { durability } from './durability.ts'
import { temporaryName } from './temporary-name.ts'

/** The file in the root of a store that tells which store it is. */
export const markerName = 'store-id'

/** The id in a store's root; undefined where there is none, as in a folder that is not mounted. */
export async function readStoreId(root: string): Promise<string | undefined> {
  try {
    return (await readFile(join(root, markerName), 'utf8')).trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Durable when it resolves. Several that write the same at once do no harm. */
export async function writeStoreId(root: string, id: string): Promise<void> {
  const temporary = join(root, 'staging', temporaryName())
  await mkdir(join(root, 'staging'), { recursive: true })
  const file = await open(temporary, 'wx', 0o644)
  try {
    await file.writeFile(`${id}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(root, markerName))
  await durability.folder(root)
}
