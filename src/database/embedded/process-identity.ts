import { readFileSync } from 'node:fs'

/**
 * `<pid>-<start time>`: names one process for good, since pids are used again (in a container often by the same program).
 * The start time is field 22 of /proc/PID/stat, in clock ticks since boot (proc_pid_stat(5)). Undefined when there is no
 * such process.
 */
export function processIdentity(pid: number): string | undefined {
  const text = statOf(pid)
  // The second field, a name in parentheses, may hold spaces; what follows begins with the third.
  const startTime = text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  return startTime === undefined ? undefined : `${pid}-${startTime}`
}

/** The pid of an identity whose process is alive. */
export function livingPid(identity: string): number | undefined {
  const pid = Number.parseInt(identity, 10)
  return processIdentity(pid) === identity ? pid : undefined
}

/** A process that ended and was not yet waited for still has its entry in /proc; it counts as dead. */
function statOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).startsWith('Z') ? undefined : text
  } catch {
    return undefined
  }
}
