import { setFlagsFromString } from 'node:v8'
import { runAgent } from './run-agent.ts'

/** Runs the agent as this process: the command `deckle agent`, and the file that the server hands out. */
export async function runAgentProcess(args: readonly string[]): Promise<number> {
  // An agent is idle nearly always and shares its host with others: collect often rather than grow.
  setFlagsFromString('--max-semi-space-size=1')
  const stop = new AbortController()
  const end = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  const note = (line: string) => process.stderr.write(`${line}\n`)
  return runAgent(args, {
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    print: (text) => process.stdout.write(`${text}\n`),
    note,
    stop: stop.signal,
  })
}
