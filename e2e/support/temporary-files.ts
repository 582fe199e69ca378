import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Files that are being received or worked with; none when nothing runs. */
export async function temporaryFiles(dataDir: string, blobs = join(dataDir, 'blobs')): Promise<readonly string[]> {
  const folders = [join(blobs, 'staging'), join(dataDir, 'spool')]
  const found = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))
  return found.flat()
}
