import { access, constants, mkdir } from 'node:fs/promises'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { type Binaries, embeddedBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { databaseUrl, ensureDatabase } from './connect.ts'
import { serverIdentity } from './identity.ts'
import { Keeper } from './keeper.ts'
import { requireLocalDisk } from './local-disk.ts'
import { lockFolder } from './lock.ts'
import { place } from './placement.ts'

export interface EmbeddedOptions {
  /** Holds everything of the server: data, socket, password, log. Made when missing. */
  readonly folder: string
  /** Under whom root runs the server; `nobody` when not given. Others run it under themselves. */
  readonly user?: string
  readonly log: Log
  /** Gives up a start. A server that runs is stopped by `stop`. */
  readonly signal?: AbortSignal
  /** Called when the server has died (`down`; it is started again) and when it answers again (`up`). */
  readonly changed?: (state: 'down' | 'up') => void
  /** `false` for tests only: the files may be lost with the machine. */
  readonly durable?: boolean
  /** 100 when not given. */
  readonly maxConnections?: number
  /** Another PostgreSQL than the one of the npm package. */
  readonly binaries?: Binaries
}

export interface EmbeddedPostgres {
  /** Of the database `deckle`, whose role may make others. */
  readonly url: string
  /** The server ran already, left by a process that was killed. */
  readonly adopted: boolean
  /** Ends the sessions, stops the server, frees the folder. */
  stop(): Promise<void>
}

/**
 * Runs PostgreSQL on a unix socket in `folder`, for this process alone, until `stop`. A process that is killed leaves the
 * server running, and the next one takes it over (engine.md §7).
 *
 * Throws kind `conflict` when another process runs it, `invalid` when the folder or the user cannot be used.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  await prepare(options.folder)
  const lock = await lockFolder(options.folder)
  try {
    const keeper = await prepareKeeper(options)
    const { adopted } = await keeper.start(options.signal)
    const stop = async () => {
      await keeper.stop()
      await lock.release()
    }
    await ensureDatabase(keeper.entrance, 'deckle').catch(async (error: unknown) => {
      await keeper.stop()
      throw error
    })
    return { url: databaseUrl(keeper.entrance, 'deckle'), adopted, stop }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function prepareKeeper(options: EmbeddedOptions): Promise<Keeper> {
  const { folder, log, durable = true, maxConnections = 100, changed = () => {} } = options
  const identity = await serverIdentity(options.user)
  const places = await place(folder, identity, log)
  const binaries = options.binaries ?? (await embeddedBinaries(places.folder, identity))
  const { password } = await ensureCluster({ places, binaries, identity, signal: options.signal })
  return new Keeper({ places, binaries, identity, password, durable, maxConnections, log, changed })
}

async function prepare(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError('invalid', `the database folder cannot be used: ${reason}. Choose another DECKLE_DATA_DIR`)
  }
  await requireLocalDisk(folder)
}
