import { readFile, realpath } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { cancelled, DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Binaries } from './binaries.ts'
import { answeringData, type Entrance } from './connect.ts'
import type { Places } from './placement.ts'
import { livingPostmaster } from './postmaster-file.ts'
import type { Identity } from './run-program.ts'
import { logPath, type ServerProcess, spawnServer, stopServer, watchServer } from './server-process.ts'

export interface Supervised {
  readonly places: Places
  readonly binaries: Binaries
  readonly identity: Identity
  readonly password: string
  readonly durable: boolean
  readonly maxConnections: number
  readonly log: Log
  /** Told when the server is gone without our doing, and when it answers again. */
  readonly changed: (state: 'down' | 'up') => void
}

const port = 5432
const stopPatience = 30_000
const longestPause = 10_000

/** Keeps one server running: takes over the one that a killed predecessor left, starts it again when it dies. */
export class Keeper {
  readonly #what: Supervised
  readonly #stopping = new AbortController()
  #server: ServerProcess | undefined
  #entrance: Entrance
  #watch: Promise<void> = Promise.resolve()

  constructor(what: Supervised) {
    this.#what = what
    this.#entrance = { sockets: what.places.sockets, port, password: what.password }
  }

  get entrance(): Entrance {
    return this.#entrance
  }

  /** Resolves when the server answers; tells whether it ran already. */
  async start(signal?: AbortSignal): Promise<{ adopted: boolean }> {
    const either = signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal])
    this.#server = (await this.#adopt(either)) ?? (await this.#launch(either))
    this.#watch = this.#keepAlive(this.#server)
    return { adopted: this.#server.adopted }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watch
    if (this.#server !== undefined) await stopServer(this.#server, stopPatience)
  }

  /** Waits for one that is starting or stopping to do either. */
  async #adopt(signal: AbortSignal): Promise<ServerProcess | undefined> {
    const { log, places } = this.#what
    const { data } = places
    for (let look = 0; ; look += 1) {
      const file = await livingPostmaster(data)
      if (file === undefined) return undefined
      const entrance = { ...this.#entrance, sockets: file.socketFolder, port: file.port }
      const answering = file.socketFolder === '' ? undefined : await answeringData(entrance)
      if (answering !== undefined) {
        await requireSame(answering, data)
        this.#entrance = entrance
        return watchServer(file.pid, data)
      }
      if (look === 0) log.info('waiting for the PostgreSQL that runs here already', { pid: file.pid })
      await glance(look, signal)
    }
  }

  async #launch(signal: AbortSignal): Promise<ServerProcess> {
    const { places } = this.#what
    this.#entrance = { ...this.#entrance, sockets: places.sockets, port }
    const server = await spawnServer(this.#what)
    try {
      await this.#untilItAnswers(server, signal)
      return server
    } catch (error) {
      await stopServer(server, stopPatience)
      throw error
    }
  }

  async #untilItAnswers(server: ServerProcess, signal: AbortSignal): Promise<void> {
    let end: string | undefined
    server.ended.then((how) => {
      end = how
    })
    for (let look = 0; (await answeringData(this.#entrance)) === undefined; look += 1) {
      if (end !== undefined) throw await this.#didNotStart(end)
      await glance(look, signal)
    }
  }

  async #didNotStart(how: string): Promise<DeckleError> {
    const path = logPath(this.#what.places)
    const lines = (await readFile(path, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-5)
    return new DeckleError(
      'internal',
      `the embedded PostgreSQL did not start (${how}); ${path} ends:\n${lines.join('\n')}`,
    )
  }

  /** Returns when we stop. The pool of the program reconnects by itself once the server answers. */
  async #keepAlive(first: ServerProcess): Promise<void> {
    let server = first
    while (!this.#stopping.signal.aborted) {
      const how = await Promise.race([server.ended, aborted(this.#stopping.signal)])
      if (how === undefined) return
      this.#server = undefined
      this.#what.log.error('the embedded PostgreSQL ended and is started again', { reason: how })
      this.#what.changed('down')
      const next = await this.#revive()
      if (next === undefined) return
      server = next
      this.#server = next
      this.#what.log.info('the embedded PostgreSQL answers again', { pid: next.pid })
      this.#what.changed('up')
    }
  }

  /** Tries until it is up or we stop. What is left of the old server may hold its memory for a moment. */
  async #revive(): Promise<ServerProcess | undefined> {
    const { signal } = this.#stopping
    for (let wait = 100; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
      try {
        return (await this.#adopt(signal)) ?? (await this.#launch(signal))
      } catch (error) {
        if (signal.aborted) return undefined
        this.#what.log.error(error instanceof Error ? error.message : String(error))
      }
      await pause(wait, signal).catch(() => {})
    }
    return undefined
  }
}

async function requireSame(answering: string, data: string): Promise<void> {
  if ((await realpath(answering)) === (await realpath(data))) return
  throw new DeckleError('conflict', `the PostgreSQL that answers for ${data} works in ${answering}; stop it first`)
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}

/** The time between two looks at a server that is starting or stopping, longer from look to look. */
function glance(look: number, signal: AbortSignal): Promise<void> {
  return pause(Math.min(10 * 1.3 ** look, 500), signal)
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {
    throw cancelled()
  })
}
