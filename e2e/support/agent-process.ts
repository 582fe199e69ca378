import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { plainEnvironment } from './deckle-server.ts'
import { program } from './project.ts'

export interface AgentSetup {
  readonly url: string
  readonly token: string
  readonly name: string
  /** `zone=eu`. */
  readonly label: string
  readonly socket: string
  /** Kept when the agent ends, so that it is the same host again. */
  readonly stateFolder: string
}

/** `deckle agent` as a host runs it. */
export class AgentProcess {
  readonly #child: ChildProcess
  readonly #output: string[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#output.push(line))
    }
  }

  /** Resolves when it is connected; it is killed when the test ends. */
  static async start(t: TestContext, setup: AgentSetup): Promise<AgentProcess> {
    const { url, token, name, label, socket, stateFolder } = setup
    const options = ['--url', url, '--token', token, '--name', name, '--label', label]
    const places = ['--engine', `unix://${socket}`, '--state-dir', stateFolder]
    const child = spawn(process.execPath, [program, 'agent', ...options, ...places], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const agent = new AgentProcess(child)
    t.after(() => agent.kill())
    await agent.connected()
    return agent
  }

  get log(): string {
    return this.#output.join('\n')
  }

  /** Resolves when it has connected so often; throws with its log when it ends before. */
  async connected(times = 1): Promise<void> {
    await eventually(async () => {
      if (this.#child.exitCode !== null) throw new Error(`the agent has ended:\n${this.log}`)
      return this.#output.filter((line) => / info connected /.test(line)).length >= times
    })
  }

  /** Without a warning. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
