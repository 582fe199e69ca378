import './frugal.ts'
import { runAgent } from './run-agent.ts'

/** Runs the agent as this process: the command `deckle agent`, and the file that the server hands out. */
export async function runAgentProcess(args: readonly string[]): Promise<number> {
  const stop = new AbortController()
  const end = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  return runAgent(args, {
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    print: (text) => process.stdout.write(`${text}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    stop: stop.signal,
  })
}
