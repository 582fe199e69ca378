import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretFiles } from '../operations/first-start.ts'

/** Secrets as 0600 files of the data folder, one line each. */
export function secretFilesIn(folder: string): SecretFiles {
  return {
    async keep(name, secret) {
      const path = join(folder, name)
      const known = await read(path)
      if (known !== undefined) return known
      await mkdir(folder, { recursive: true })
      await writeOnce(path, secret)
      return (await read(path)) ?? secret
    },
    remove: (name) => rm(join(folder, name), { force: true }),
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Whole or not at all; of several at once the first one wins. */
async function writeOnce(path: string, secret: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  await writeFile(temporary, `${secret}\n`, { mode: 0o600, flush: true })
  try {
    await link(temporary, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
