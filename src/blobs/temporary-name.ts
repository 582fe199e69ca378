import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { hasCode } from './disk-error.ts'

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const incarnation = randomBytes(6).toString('hex')
let count = 0

/** A file name that no other process uses and that tells whose it is: `host.pid.incarnation.count`. */
export function temporaryName(): string {
  count += 1
  return `${host}.${process.pid}.${incarnation}.${count}`
}

/**
 * Removes files with temporary names that are older than `before` and whose process is gone. Of other machines on a shared
 * folder only the age is known, so `before` has to leave them the time of a long transfer. Returns how many went.
 */
export async function sweepTemporary(folder: string, before: Date): Promise<number> {
  const names = await abandonedTemporary(folder, before)
  for (const name of names) await rm(join(folder, name), { force: true })
  return names.length
}

/** Those files, by name. */
export async function abandonedTemporary(folder: string, before: Date): Promise<readonly string[]> {
  const abandoned: string[] = []
  for (const name of await readdir(folder)) {
    if (!isInUse(name) && (await isOlder(join(folder, name), before))) abandoned.push(name)
  }
  return abandoned
}

function isInUse(name: string): boolean {
  const [machine, pid, life] = name.split('.')
  if (machine !== host) return false
  // A restarted server may get the pid of its predecessor, in a container nearly always.
  if (Number(pid) === process.pid) return life === incarnation
  return isAlive(Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

async function isOlder(path: string, before: Date): Promise<boolean> {
  try {
    return (await stat(path)).mtime < before
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}
