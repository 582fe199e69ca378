import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running server tells in `postmaster.pid` of its data folder (src/include/utils/pidfile.h of PostgreSQL). */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
}

/**
 * The server that runs on `data` (an absolute path without links), also one that is still starting or stopping. A file left
 * by a dead one names none: its pid may be another process by now.
 */
export async function livingPostmaster(data: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const [pid = '', , , port = '', socketFolder = ''] = text.split('\n')
  const file = { pid: Number(pid), port: Number(port), socketFolder }
  return (await isPostmaster(file.pid, data)) ? file : undefined
}

/** Its command line, which everybody may read, names the folder. A process that ended has none. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.split('\0').includes(data)
}
