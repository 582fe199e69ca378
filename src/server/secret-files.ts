import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretFiles } from '../operations/first-start.ts'

/** Secrets as 0600 files of the data folder, one line each. */
export function secretFilesIn(folder: string): SecretFiles {
  return {
    async read(name) {
      try {
        return (await readFile(join(folder, name), 'utf8')).trim()
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async write(name, secret) {
      await mkdir(folder, { recursive: true })
      const temporary = join(folder, `${name}.new`)
      await writeFile(temporary, `${secret}\n`, { mode: 0o600, flush: true })
      await rename(temporary, join(folder, name))
    },
  }
}
