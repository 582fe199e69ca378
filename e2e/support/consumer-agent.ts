import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { adminPassword, type DeckleServer, plainEnvironment } from './deckle-server.ts'
import { memoryOf } from './processes.ts'
import { program } from './project.ts'

/** `deckle agent --consumer <id>` as a consumer runs it. */
export class ConsumerAgentProcess {
  readonly #child: ChildProcess
  readonly #output: string[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#output.push(line))
    }
  }

  /** Resolves when it is connected; it ends with the test. `bundle` is the one file that hosts have, instead of the command. */
  static async start(
    t: TestContext,
    server: DeckleServer,
    consumer: string,
    options: readonly string[],
    bundle?: string,
  ): Promise<ConsumerAgentProcess> {
    const command = bundle === undefined ? [program, 'agent'] : [bundle]
    const fixed = [...command, '--consumer', consumer, '--url', server.url]
    const child = spawn(process.execPath, [...fixed, ...options], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const agent = new ConsumerAgentProcess(child)
    t.after(() => agent.kill())
    await agent.says(/ info connected /)
    return agent
  }

  /** Megabytes that it holds now. */
  get megabytes(): number {
    return memoryOf(this.#child.pid ?? 0).now
  }

  get log(): string {
    return this.#output.join('\n')
  }

  /** Throws with its log when it ends before. */
  async says(pattern: RegExp): Promise<void> {
    await eventually(async () => {
      if (pattern.test(this.log)) return true
      if (this.#child.exitCode !== null) throw new Error(`the agent has ended:\n${this.log}`)
      return false
    })
  }

  /** Resolves with its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** Without a warning. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}

/** The password of the admin, as `--password-file` takes it. */
export const passwordFile = `${adminPassword}\n`
