import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { AgentServer } from '../../src/testing/agent-server.ts'
import { plainEnvironment } from './deckle-server.ts'
import { memoryOf } from './processes.ts'
import { succeed } from './programs.ts'
import { inProject } from './project.ts'
import { newFolder, removeFolder } from './servers.ts'

/** The agent as it lies on a host: one file, alone in a folder. Removed with the test. */
export async function bundledAgent(t: TestContext): Promise<string> {
  const folder = await newFolder()
  t.after(() => removeFolder(folder))
  const built = join(folder, 'agent.js')
  const bundle = inProject('scripts/bootstrap/bundle-agent.mjs')
  const build = `(await import(process.argv[1])).bundleAgent(process.argv[2])`
  await succeed(process.execPath, ['--input-type=module', '-e', `await ${build}`, bundle, built])
  return built
}

/** The bundle at work for an engine. */
export class BundledAgent {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when it has told the server its images. It ends with the test. */
  static async start(t: TestContext, file: string, server: AgentServer, socket: string): Promise<BundledAgent> {
    const folder = await newFolder()
    const places = ['--url', server.url, '--engine', `unix://${socket}`, '--state-dir', join(folder, 'state')]
    const environment = { ...plainEnvironment(), DECKLE_AGENT_TOKEN: 'good-token' }
    const child = spawn(process.execPath, [file, ...places], { env: environment, stdio: 'ignore' })
    const agent = new BundledAgent(child)
    t.after(async () => {
      await agent.stop()
      await removeFolder(folder)
    })
    await server.hear('images', server.said('images').length + 1)
    return agent
  }

  /** Megabytes that it holds now. */
  get megabytes(): number {
    return memoryOf(this.#child.pid ?? 0).now
  }

  /** Resolves with its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
    return this.#child.exitCode
  }
}
