import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Log } from '../core/log.ts'
import { isFamilies, type MetricFamily } from '../http/operations/metric-family.ts'
import { ProcessCalls } from './process-calls.ts'
import { smallHeapFlags, youngFlag } from './small-heap.ts'

export interface HttpProcessesOptions {
  /** Settings of the children: those of the parent, with the real port and database. */
  readonly env: NodeJS.ProcessEnv
  /** The text that `/metrics` of any process answers. */
  readonly metrics: () => Promise<string>
}

interface Child {
  readonly process: ChildProcess
  readonly calls: ProcessCalls
}

const longestPauseMs = 30_000
const stopMs = 10_000

/**
 * Further processes that serve the same roles on the same port: the system spreads connections among them (SO_REUSEPORT). One
 * that dies is started again; they end with their parent.
 */
export class HttpProcesses {
  readonly #log: Log
  readonly #children = new Map<string, Child>()
  readonly #serving = new Set<ChildProcess>()
  readonly #stopping = new AbortController()

  constructor(log: Log) {
    this.#log = log
  }

  /** Resolves when all `count` serve; throws when one cannot. */
  async start(count: number, options: HttpProcessesOptions): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `content-${index + 1}`)
    await Promise.all(names.map((name) => this.#keep(name, options)))
  }

  /** What each counts, by its name; those that do not answer are left out. */
  async families(): Promise<ReadonlyMap<string, readonly MetricFamily[]>> {
    const entries = await Promise.all(
      [...this.#children].map(async ([name, { calls }]) => [name, await calls.ask('families')] as const),
    )
    return new Map(entries.flatMap(([name, families]) => (isFamilies(families) ? [[name, families] as const] : [])))
  }

  /** Passes a signal on to those that serve; one that is still starting would die of it. */
  signal(signal: NodeJS.Signals): void {
    for (const child of this.#serving) child.kill(signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const children = [...this.#children.values()].map((child) => child.process)
    const gone = Promise.all(children.map((child) => (isGone(child) ? undefined : once(child, 'exit'))))
    for (const child of children) child.kill('SIGTERM')
    const late = setTimeout(() => {
      for (const child of children) child.kill('SIGKILL')
    }, stopMs)
    await gone
    clearTimeout(late)
  }

  /** Starts it, and again whenever it has ended, with growing pauses while it does not come up. */
  async #keep(name: string, options: HttpProcessesOptions): Promise<void> {
    const first = await this.#launch(name, options)
    void this.#revive(name, first, options)
  }

  async #revive(name: string, first: ChildProcess, options: HttpProcessesOptions): Promise<void> {
    const { signal } = this.#stopping
    let child: ChildProcess | undefined = first
    for (let pause = 100; !signal.aborted; pause = child === undefined ? Math.min(pause * 2, longestPauseMs) : 100) {
      if (child !== undefined && !isGone(child)) await once(child, 'exit')
      if (signal.aborted) return
      this.#log.warn('a content process ended and is started again', { process: name })
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      child = await this.#launch(name, options).catch(() => undefined)
    }
  }

  async #launch(name: string, { env, metrics }: HttpProcessesOptions): Promise<ChildProcess> {
    const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc']
    const child = fork(entry(), [name], { env, execArgv: [...smallHeapFlags, youngFlag], stdio })
    child.on('error', (error) =>
      this.#log.warn('a content process cannot be started', { process: name, reason: error.message }),
    )
    const calls = new ProcessCalls(child, { metrics })
    this.#children.set(name, { process: child, calls })
    const ready = await Promise.race([messageOf(child), once(child, 'exit').then(() => 'gone')])
    if (ready === 'ready') return this.#serves(child)
    throw new Error(`the content process ${name} ended before it served; its lines in the log tell why`)
  }

  #serves(child: ChildProcess): ChildProcess {
    this.#serving.add(child)
    child.once('exit', () => this.#serving.delete(child))
    return child
  }
}

function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (message === 'ready') resolve(message)
    })
  })
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** The module beside this one: source runs source, the bundle runs the bundle. */
function entry(): string {
  const name = import.meta.url.endsWith('.ts') ? './http-process.ts' : './http-process.js'
  return fileURLToPath(new URL(name, import.meta.url))
}
