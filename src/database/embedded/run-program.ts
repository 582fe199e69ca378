import { spawn } from 'node:child_process'

/** Under whom a program runs, as options of `spawn`. Empty: under ourselves. */
export interface Identity {
  readonly uid?: number
  readonly gid?: number
}

export interface ProgramResult {
  /** Null when a signal ended it or it could not be started. */
  readonly code: number | null
  readonly output: string
  /** All that it and the system had to say. */
  readonly errors: string
}

/**
 * Runs a helper to its end; an abort asks it to end. In a session of its own, since a Ctrl-C in the terminal is for us and
 * its end would look like an answer; in `/`, since its user may not be allowed to be where we are.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  identity: Identity = {},
  signal?: AbortSignal,
): Promise<ProgramResult> {
  const child = spawn(command, args, { ...identity, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.kill()
  signal?.addEventListener('abort', end)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  child.on('error', (error) => {
    errors += error.message
  })
  return new Promise<ProgramResult>((resolve) => {
    child.on('close', (code) => resolve({ code: code !== null && code >= 0 ? code : null, output, errors }))
  }).finally(() => signal?.removeEventListener('abort', end))
}
