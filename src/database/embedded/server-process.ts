import { spawn } from 'node:child_process'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import type { Places } from './placement.ts'
import { isPostmaster } from './postmaster-file.ts'
import type { Identity } from './run-program.ts'
import { type ServerSettings, serverArguments } from './settings.ts'

/** A postmaster, started by us or found running. */
export interface ServerProcess {
  readonly pid: number
  /** Its data folder. */
  readonly data: string
  readonly adopted: boolean
  /** Says how it ended. */
  readonly ended: Promise<string>
}

export interface SpawnOptions extends Omit<ServerSettings, 'sockets'> {
  readonly places: Places
  readonly binaries: Binaries
  readonly identity: Identity
}

const logLimit = 16 * 1024 * 1024

/**
 * In a session of its own, so that a Ctrl-C for us does not reach it before we are done with it, and with its output in a
 * file, so that it outlives us. It does not keep our event loop alive.
 */
export async function spawnServer(options: SpawnOptions): Promise<ServerProcess> {
  const { places, binaries, identity } = options
  const log = await openLog(places)
  const args = serverArguments(places.data, { sockets: places.sockets, ...options })
  const stdio = ['ignore', log.fd, log.fd] as const
  const child = spawn(join(binaries.folder, 'postgres'), args, {
    ...identity,
    cwd: '/',
    detached: true,
    stdio: [...stdio],
  })
  child.unref()
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  // Handled by whoever waits for it; without this an early failure would end the process.
  ended.catch(() => {})
  await log.close()
  if (child.pid === undefined) throw new Error(await ended)
  return { pid: child.pid, data: places.data, adopted: false, ended }
}

/** A server that is not our child cannot be waited for, so it is looked after. */
export function watchServer(pid: number, data: string): ServerProcess {
  return { pid, data, adopted: true, ended: disappearance(pid, data) }
}

async function disappearance(pid: number, data: string): Promise<string> {
  while (await isPostmaster(pid, data)) await delay(100, undefined, { ref: false })
  return 'it is gone'
}

/**
 * Ends the sessions and stops ("fast shutdown"). If that takes longer than `patience` milliseconds, stops at once; the next
 * start then recovers from the write-ahead log.
 */
export async function stopServer(server: ServerProcess, patience: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (await isPostmaster(server.pid, server.data)) send(server.pid, signal)
    const giveUp = new AbortController()
    const inTime = await Promise.race([
      server.ended.then(() => true),
      delay(patience, false, { signal: giveUp.signal }).catch(() => true),
    ])
    giveUp.abort()
    if (inTime) return
  }
  throw new Error(`the embedded PostgreSQL (process ${server.pid}) does not stop`)
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

export function logPath(places: Places): string {
  return join(places.folder, 'postgres.log')
}

/** One old log is kept. */
async function openLog(places: Places) {
  const path = logPath(places)
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > logLimit) await rename(path, `${path}.1`)
  return open(path, 'a', 0o600)
}
