import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * CPU seconds that a running process has used, in its own code and in the kernel, to the nanosecond: `/proc/<pid>/stat` counts in ticks of
 * 10 ms, a third of what small tasks take. What threads have used that ended is not in it; those of Node and PostgreSQL live as long
 * as their process.
 */
export function cpuSeconds(pid: number): number {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).reduce((sum, thread) => sum + nanosecondsOf(join(tasks, thread, 'schedstat')), 0) / 1e9
}

/** Nothing for a thread that has just ended. */
function nanosecondsOf(schedstat: string): number {
  try {
    const [ran] = readFileSync(schedstat, 'utf8').split(' ')
    return Number(ran)
  } catch {
    return 0
  }
}

/** CPU seconds of a shell command and everything that it runs. */
export function cpuOfCommand(command: string): number {
  const script = `{ ${command}; } > /dev/null && times`
  const text = execFileSync('bash', ['-c', script], { encoding: 'utf8' })
  const [, children = ''] = text.trim().split('\n')
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
