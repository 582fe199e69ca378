import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { hasCode } from './disk-error.ts'

/**
 * Processes of one machine see each other by their pids: containers with one host name do not, nor does a machine see those of
 * before its last boot.
 */
const machine = createHash('sha256').update(`${hostname()} ${bootId()} ${pidNamespace()}`).digest('hex').slice(0, 8)
const incarnation = randomBytes(6).toString('hex')
let count = 0

/** A file name that no other process uses and that tells whose it is: `machine.pid.incarnation.count`. */
export function temporaryName(): string {
  count += 1
  return `${machine}.${process.pid}.${incarnation}.${count}`
}

/**
 * Removes files and folders with temporary names whose process is gone. Of other machines on a shared folder only the age is known: theirs go
 * when they are older than `before`, which has to leave them the time of a long transfer. Returns how many went.
 */
export async function sweepTemporary(folder: string, before: Date): Promise<number> {
  const names = await abandonedTemporary(folder, before)
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
  return names.length
}

/** Those files, by name. */
export async function abandonedTemporary(folder: string, before: Date): Promise<readonly string[]> {
  const abandoned: string[] = []
  for (const name of await readdir(folder)) {
    const [origin, pid, life] = name.split('.')
    const left = origin === machine ? !isInUse(Number(pid), life) : await isOlder(join(folder, name), before)
    if (left) abandoned.push(name)
  }
  return abandoned
}

function isInUse(pid: number, life: string | undefined): boolean {
  // A restarted server may get the pid of its predecessor, in a container nearly always.
  return pid === process.pid ? life === incarnation : isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/** Empty where the system does not tell. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  } catch {
    return ''
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
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
