import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { PulpClient } from '../../src/clients/pulp-client.ts'
import { program } from './project.ts'

export interface ServerOptions {
  /** Kept when the server ends, so that another can be started on it. */
  readonly dataDir: string
  /** Without it the server runs its embedded PostgreSQL. */
  readonly databaseUrl?: string
  /** Further settings by their environment variables. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly output: string[]
  readonly exited: Promise<Exit>
  readonly options: ServerOptions
}

export const adminPassword = 'end-to-end'

/** What a user's shell hands on; the settings of whoever runs the tests stay away from the server. */
export function plainEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'USER', 'LOGNAME', 'NODE_COMPILE_CACHE']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/** A Deckle server as its users start it: a process of its own on a free port. */
export class DeckleServer {
  /** Without a last slash; empty for a process that does not listen. */
  readonly url: string
  readonly client: PulpClient
  readonly pid: number
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>
  readonly dataDir: string
  /** Undefined for the embedded one. */
  readonly databaseUrl: string | undefined
  readonly #child: ChildProcess
  readonly #output: string[]

  private constructor({ child, url, output, exited, options }: Running) {
    this.#child = child
    this.#output = output
    this.url = url
    this.client = new PulpClient({ url, credentials: { username: 'admin', password: adminPassword } })
    this.pid = child.pid ?? 0
    this.exited = exited
    this.dataDir = options.dataDir
    this.databaseUrl = options.databaseUrl
  }

  /** Resolves when the server has said that it is ready; rejects with its log when it ends before. */
  static async start(options: ServerOptions): Promise<DeckleServer> {
    const child = spawn(process.execPath, [program, 'serve'], {
      env: serverEnvironment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return DeckleServer.of(child, options)
  }

  /** The same for a process that somebody else started, with its output piped and our admin's password. */
  static async of(child: ChildProcess, options: ServerOptions): Promise<DeckleServer> {
    const { stdout, stderr } = child
    if (stdout === null || stderr === null) throw new Error('the output of the server is not piped')
    const output: string[] = []
    const url = Promise.withResolvers<string>()
    createInterface(stderr).on('line', (line) => output.push(line))
    createInterface(stdout).on('line', (line) => {
      output.push(line)
      const ready = /^Deckle \S+ is ready(?: at (\S+)\/)?$/.exec(line)
      if (ready !== null) url.resolve(ready[1] ?? '')
    })
    const exited = endOf(child)
    exited.then(
      ({ code, signal }) => url.reject(new Error(`the server ended (${code ?? signal}):\n${output.join('\n')}`)),
      url.reject,
    )
    return new DeckleServer({ child, url: await url.promise, output, exited, options })
  }

  /** Everything that it has written until now. */
  get log(): string {
    return this.#output.join('\n')
  }

  /** Asks it to end, as a service manager does. */
  stop(): Promise<Exit> {
    this.#child.kill('SIGTERM')
    return this.exited
  }

  /** Ends it without a warning. */
  kill(): Promise<Exit> {
    this.#child.kill('SIGKILL')
    return this.exited
  }
}

/** Settings and surroundings of a server that is started with these options. */
export function serverEnvironment({ dataDir, databaseUrl, settings }: ServerOptions): Record<string, string> {
  return {
    ...plainEnvironment(),
    DECKLE_HTTP_PORT: '0',
    DECKLE_DATA_DIR: dataDir,
    DECKLE_ADMIN_PASSWORD: adminPassword,
    // Tests say themselves how much has to be free; the machine that they run on may have little.
    DECKLE_FREE_SPACE_FLOOR: '0',
    ...(databaseUrl !== undefined && { DECKLE_DATABASE_URL: databaseUrl }),
    ...settings,
  }
}

function endOf(child: ChildProcess): Promise<Exit> {
  // A test run that is ended from outside takes its servers along.
  const orphaned = () => child.kill('SIGKILL')
  process.once('exit', orphaned)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.off('exit', orphaned)
      resolve({ code, signal })
    })
  })
}
