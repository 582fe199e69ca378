import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface CommandRun {
  /** 0 for one that did what it should; 127 for one that could not be started. */
  readonly code: number
  /** What it said on both ways out; the end of it, when it is more than 16 MB. */
  readonly output: string
}

export interface CommandWatch {
  readonly signal?: AbortSignal
  /** Hears what is printed, line by line. */
  readonly onLine?: (line: string) => void
  /** Whether it may be stopped at this moment. */
  readonly mayStop?: () => boolean
}

export type RunCommand = (command: readonly string[], watch?: CommandWatch) => Promise<CommandRun>

const mostOutput = 16 * 1024 ** 2

/** Runs a program to its end, in plain English. It is told to stop with the signal, if it may. */
export const runCommand: RunCommand = (
  [program = '', ...args],
  { signal, onLine = () => undefined, mayStop = () => true } = {},
) =>
  new Promise((resolve) => {
    let output = ''
    const hear = (line: string) => {
      output += `${line}\n`
      if (output.length > 2 * mostOutput) output = output.slice(-mostOutput)
      onLine(line)
    }
    const env = { ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: 'C' }
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const stop = () => mayStop() && child.kill('SIGTERM')
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    for (const stream of [child.stdout, child.stderr]) splitLines(stream, hear)
    child.on('error', (error) => resolve({ code: 127, output: `${program} cannot be started: ${error.message}` }))
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop)
      resolve({ code: code ?? 143, output })
    })
  })

/** By hand: the module of node that does it takes a megabyte on every consumer. */
function splitLines(stream: Readable, hear: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split(/\r?\n/)
    rest = lines.pop() ?? ''
    lines.forEach(hear)
  })
  stream.on('end', () => {
    if (rest !== '') hear(rest)
  })
}
