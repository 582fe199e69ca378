import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  readonly pid: number
  readonly command: string
}

/** The worker slots of a server. */
export function workerSlotsOf(pid: number): Process[] {
  return childrenOf(pid).filter(({ command }) => command.includes('worker-slot'))
}

/** The further processes that serve on the port of a server. */
export function httpProcessesOf(pid: number): Process[] {
  return childrenOf(pid).filter(({ command }) => command.includes('http-process'))
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The most memory that running processes have held, together, in MB. Pages of the program that they share count once. */
export function peakMegabytes(pids: readonly number[]): number {
  const own = pids.map((pid) => megabytes(pid, 'VmHWM') - megabytes(pid, 'RssFile'))
  const shared = Math.max(...pids.map((pid) => megabytes(pid, 'RssFile')))
  return own.reduce((sum, each) => sum + each, shared)
}

/** Megabytes that a process has at most held (`peak`) and holds (`now`). */
export function memoryOf(pid: number): { readonly peak: number; readonly now: number } {
  return { peak: megabytes(pid, 'VmHWM'), now: megabytes(pid, 'VmRSS') }
}

function megabytes(pid: number, name: string): number {
  const [, value] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readProcess(String(pid), 'status')) ?? []
  if (value === undefined) throw new Error(`the memory of process ${pid} cannot be read`)
  return (Number(value) * 1024) / 1_000_000
}

/** The processes that a process has started and that still run. */
function childrenOf(parent: number): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const stat = readProcess(pid, 'stat')
    // The name before it, in parentheses, may hold anything.
    const [, ppid] = /^.*\) \S (\d+)/s.exec(stat) ?? []
    return Number(ppid) === parent
      ? [{ pid: Number(pid), command: readProcess(pid, 'cmdline').replaceAll('\0', ' ') }]
      : []
  })
}

/** Empty for a process that has gone in the meantime. */
function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
