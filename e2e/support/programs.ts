import { execFile } from 'node:child_process'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
}

/** Runs a program to its end, whatever its exit code is. */
export function runProgram(path: string, args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const settings = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, ...options } as const
    execFile(path, [...args], settings, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** Runs a program that must succeed; the error shows what it wrote. */
export async function succeed(path: string, args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const outcome = await runProgram(path, args, options)
  if (outcome.code === 0) return outcome
  throw new Error(`${path} ${args.join(' ')} ended with ${outcome.code}:\n${outcome.stdout}\n${outcome.stderr}`)
}

/** The lines of a text that are not empty, sorted by their bytes. */
export function sortedLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}
