import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files of the system that the agent looks after, by their absolute path below its root. All are replaced in one step. */
export class SystemFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Where it is for this process. */
  place(path: string): string {
    return join(this.#root, path)
  }

  /** Undefined when there is none. */
  async read(path: string): Promise<string | undefined> {
    try {
      return await readFile(this.place(path), 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const place = this.place(path)
    const temporary = `${place}.${process.pid}.new`
    await mkdir(dirname(place), { recursive: true })
    await writeFile(temporary, text, { mode })
    // Whatever the process masks.
    await chmod(temporary, mode)
    await rename(temporary, place)
  }

  /** Names of what is in a folder; none when there is no folder. */
  async list(path: string): Promise<readonly string[]> {
    return readdir(this.place(path)).catch(() => [])
  }

  /** With all that is in it, if it is a folder; none is no error. */
  async remove(path: string): Promise<void> {
    await rm(this.place(path), { recursive: true, force: true })
  }
}
