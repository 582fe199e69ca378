import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { clientPath, requireClient } from '../../src/testing/clients.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

/** What a process is to meet. */
export interface DiskFault {
  /** System calls, separated by commas. */
  readonly calls: string
  readonly error: 'EIO' | 'ENOSPC'
  /** Which calls of a thread, as strace writes it: `3` the third, `2+` all from the second on. Default all. */
  readonly when?: string
  /** Only calls about this file. */
  readonly path?: string
}

/** Options for a test that traces processes, which some containers forbid. Skipped as a missing client is. */
export function requireStrace(): { skip?: string } {
  const missing = requireClient('strace')
  if (missing.skip !== undefined) return missing
  const { status } = spawnSync(clientPath('strace'), ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
  if (status === 0) return {}
  const reason = 'strace may not trace processes here'
  if (process.env['DECKLE_REQUIRE_CLIENTS'] === '1') throw new Error(`DECKLE_REQUIRE_CLIENTS=1, but ${reason}`)
  return { skip: reason }
}

/**
 * Makes system calls of a running process fail: those of the threads that do its work on files, which leaves its sockets alone.
 */
export class FailingDisk {
  readonly #child: ChildProcess
  readonly #trace: string
  readonly #ended: Promise<void>

  private constructor(child: ChildProcess, trace: string) {
    this.#child = child
    this.#trace = trace
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()))
  }

  /** Resolves when the fault holds. The process must have worked with files before: its threads are made then. */
  static async of(pid: number, { calls, error, when, path }: DiskFault): Promise<FailingDisk> {
    const threads = fileThreads(pid)
    if (threads.length === 0) throw new Error(`process ${pid} has no threads for files`)
    const trace = join(await temporaryFolder(), 'trace')
    const inject = `inject=${calls}:error=${error}${when === undefined ? '' : `:when=${when}`}`
    const targets = threads.flatMap((thread) => ['-p', String(thread)])
    const filter = path === undefined ? [] : ['-P', path]
    const args = ['-o', trace, ...filter, '-e', `trace=${calls}`, '-e', inject, ...targets]
    const child = spawn(clientPath('strace'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    await attached(child, threads.length)
    return new FailingDisk(child, trace)
  }

  /** Calls that have failed. */
  async failures(): Promise<number> {
    return (await readFile(this.#trace, 'utf8')).split('\n').filter((line) => line.includes('(INJECTED)')).length
  }

  /** Resolves when a call has failed. */
  async failed(): Promise<void> {
    await eventually(async () => (await this.failures()) > 0)
  }

  /** The disk works again. */
  async mend(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }
}

function fileThreads(pid: number): readonly number[] {
  const folder = `/proc/${pid}/task`
  const threads = readdirSync(folder)
  return threads.filter((thread) => readFileSync(join(folder, thread, 'comm'), 'utf8') === 'libuv-worker\n').map(Number)
}

async function attached(child: ChildProcess, count: number): Promise<void> {
  if (child.stderr === null) throw new Error('the messages of strace are not piped')
  const lines: string[] = []
  for await (const line of createInterface(child.stderr)) {
    lines.push(line)
    if (lines.filter((text) => text.endsWith(' attached')).length === count) {
      child.stderr.resume()
      return
    }
  }
  throw new Error(`strace ended:\n${lines.join('\n')}`)
}
