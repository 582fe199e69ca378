import { setFlagsFromString } from 'node:v8'
import { runAgent } from './run-agent.ts'

/**
 * An agent is idle nearly always and shares its host with others: it interprets rather than compiles, and collects rather than grows.
 * That saves a sixth of the memory (measured with 100 pulls).
 */
const frugal = ['--max-semi-space-size=1', '--no-opt', '--no-sparkplug', ...sinceNode(20, '--no-maglev')]

/** Runs the agent as this process: the command `deckle agent`, and the file that the server hands out. */
export async function runAgentProcess(args: readonly string[]): Promise<number> {
  for (const flag of frugal) setFlagsFromString(flag)
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

function sinceNode(major: number, flag: string): readonly string[] {
  return Number.parseInt(process.versions.node, 10) >= major ? [flag] : []
}
