import { readFileSync } from 'node:fs'

/**
 * `<pid>-<start time>`: names one process for good, since a pid alone is used again (in a container even by the same
 * program). The start time is field 22 of /proc/PID/stat, in clock ticks since boot (proc_pid_stat(5)).
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process
 */
export function processIdentity(pid) {
  try {
    return `${pid}-${statFields(pid)[19]}`
  } catch {
    return isAlive(pid) ? `${pid}-0` : undefined
  }
}

/** @param {string} identity */
export function identityIsAlive(identity) {
  return processIdentity(Number.parseInt(identity, 10)) === identity
}

/**
 * Whether a Ctrl-C reaches this process from its terminal: its group is the terminal's foreground group (fields 5 and 8).
 * Then it reaches every other process of the group as well.
 */
export function hearsTheTerminal() {
  try {
    const [, , group, , , foreground] = statFields(process.pid)
    return group === foreground
  } catch {
    return process.stdin.isTTY === true
  }
}

/** The fields from the third on; the second, a name in parentheses, may hold spaces. */
function statFields(/** @type {number} */ pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
