import { hostname } from 'node:os'
import packageJson from '../../package.json' with { type: 'json' }
import { DeckleError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { Agent } from './agent.ts'
import { type AgentOptions, agentUsage, readOptions } from './agent-options.ts'
import type { AgentSurroundings } from './agent-surroundings.ts'
import { systemClock } from './clock.ts'
import { isForConsumer } from './consumer/consumer-options.ts'
import { runConsumerAgent } from './consumer/run-consumer-agent.ts'
import { engineFinder, usualSockets } from './engine/find-engine.ts'
import { lineLog } from './line-log.ts'
import { Membership } from './membership.ts'
import { messageOf } from './message-of.ts'
import { BackOff } from './server/back-off.ts'
import { serverAddress } from './server/server-address.ts'
import { StateFolder, usualStateFolder } from './state-folder.ts'

const { version } = packageJson

/** Runs an agent until it is stopped. Resolves with its exit code: 2 for a wrong command line, 1 for what it could not do. */
export async function runAgent(args: readonly string[], surroundings: AgentSurroundings): Promise<number> {
  const { environment, print, note, stop } = surroundings
  try {
    if (isForConsumer(args)) return await runConsumerAgent(args, surroundings, lineLog(note))
    const options = readOptions(args, environment)
    if (options === 'help' || options === 'version') {
      print(options === 'help' ? agentUsage : version)
      return 0
    }
    const log = lineLog(note)
    const agent = await compose(options, surroundings, log)
    if (!options.once) return await agent.run(stop).then(() => 0)
    const failure = await agent.once(stop)
    if (failure !== undefined) log.error('not done', { reason: failure })
    return failure === undefined ? 0 : 1
  } catch (error) {
    note(`deckle agent: ${messageOf(error)}`)
    return error instanceof DeckleError && error.kind === 'invalid' ? 2 : 1
  }
}

async function compose(options: AgentOptions, { environment, isRoot }: AgentSurroundings, log: Log): Promise<Agent> {
  const { url, labels, name, token, parallel } = options
  if (!isSafe(url))
    log.warn('the keys of this host and the credentials of registries go in the clear; use https', { url })
  const server = await serverAddress(url, options.ca, version)
  const self = { hostname: hostname(), ...(name === undefined ? {} : { name }), labels }
  const state = new StateFolder(options.stateFolder ?? usualStateFolder(environment, isRoot))
  return new Agent({
    server,
    membership: new Membership(server, state, token, self, log),
    findEngine: engineFinder(options.engine === undefined ? usualSockets(environment) : [options.engine]),
    parallel,
    self: { ...self, version },
    clock: systemClock,
    backOff: new BackOff(),
    log,
  })
}

function isSafe(url: string): boolean {
  const { protocol, hostname: host } = new URL(url)
  return protocol === 'https:' || host === 'localhost' || host === '[::1]' || host.startsWith('127.')
}
