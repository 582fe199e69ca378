import type { TestContext } from 'node:test'
import { Agent } from '../agent/agent.ts'
import { type Clock, systemClock } from '../agent/clock.ts'
import { engineFinder } from '../agent/engine/find-engine.ts'
import { lineLog } from '../agent/line-log.ts'
import { Membership } from '../agent/membership.ts'
import { BackOff } from '../agent/server/back-off.ts'
import { StateFolder } from '../agent/state-folder.ts'
import type { AgentServer } from './agent-server.ts'

export interface HostOptions {
  readonly server: Pick<AgentServer, 'url'>
  /** Sockets to look for an engine at. */
  readonly sockets: readonly string[]
  readonly stateFolder: string
  readonly token?: string
  readonly clock?: Clock
  readonly parallel?: number
  readonly ca?: readonly string[]
}

/** A clock on which everything takes a part of the time. */
export function fasterClock(factor: number): Clock {
  return { now: () => new Date(), pause: (milliseconds, signal) => systemClock.pause(milliseconds / factor, signal) }
}

/** An agent in this process, with what it logs. It does not run yet. */
export function hostAgent({ server, sockets, stateFolder, token, clock, parallel, ca }: HostOptions) {
  const lines: string[] = []
  const log = lineLog((line) => lines.push(line))
  const address = { url: server.url, ca, userAgent: 'deckle-agent/test' }
  const self = { hostname: 'host1.example.com', name: 'host1', labels: { zone: 'eu' } }
  const agent = new Agent({
    server: address,
    membership: new Membership(address, new StateFolder(stateFolder), token, self, log),
    findEngine: engineFinder(sockets),
    parallel: parallel ?? 3,
    self: { ...self, version: '1.2.3' },
    clock: clock ?? systemClock,
    backOff: new BackOff(),
    log,
  })
  return { agent, lines }
}

/** Runs one until the test ends, or `stop` is called. */
export function runningHost(context: TestContext, options: HostOptions) {
  const { agent, lines } = hostAgent(options)
  const stop = new AbortController()
  const ended = agent.run(stop.signal)
  // A test that expects it to fail awaits `ended`.
  ended.catch(() => undefined)
  const end = async () => {
    stop.abort()
    await ended.catch(() => undefined)
  }
  context.after(end)
  return { lines, ended, stop: end }
}
