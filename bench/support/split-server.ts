import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { adminPassword, DeckleServer } from '../../e2e/support/deckle-server.ts'
import { silentLog } from '../../src/core/log.ts'
import { startEmbeddedPostgres } from '../../src/database/embedded/supervisor.ts'
import { environmentOfPrograms, program } from './deckle-server.ts'

/** Two processes on one database and one blob folder: APIs and content in one, the worker in the other. */
export interface SplitServer {
  readonly server: DeckleServer
  readonly worker: ChildProcess
  readonly databaseUrl: string
  stop(): Promise<void>
}

export async function startSplitServer(folder: string): Promise<SplitServer> {
  // The user under whom root runs PostgreSQL has to pass through here.
  await mkdir(folder, { mode: 0o755 })
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: silentLog })
  const server = await DeckleServer.of(start(folder, 'api,content', postgres.url), { dataDir: folder })
  const worker = start(folder, 'worker', named(postgres.url, workerName))
  await ready(worker)
  return {
    server,
    worker,
    databaseUrl: postgres.url,
    async stop() {
      worker.kill('SIGTERM')
      await Promise.all([once(worker, 'exit'), server.stop()])
      await postgres.stop()
    },
  }
}

/** How PostgreSQL knows the connections of the worker. */
export const workerName = 'bench worker'

function named(url: string, name: string): string {
  const own = new URL(url)
  own.searchParams.set('application_name', name)
  return own.href
}

function start(folder: string, roles: string, databaseUrl: string): ChildProcess {
  const env = {
    ...environmentOfPrograms,
    DECKLE_DATA_DIR: join(folder, 'data'),
    DECKLE_DATABASE_URL: databaseUrl,
    DECKLE_BLOBS: join(folder, 'blobs'),
    DECKLE_BLOBS_SHARED: 'true',
    // A worker that is given a port answers /metrics there and holds what that takes.
    ...(roles !== 'worker' && { DECKLE_HTTP_PORT: '0' }),
    DECKLE_ADMIN_PASSWORD: adminPassword,
    DECKLE_LOG_LEVEL: 'warn',
  }
  return spawn(process.execPath, [program, 'serve', '--role', roles], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('the output of the worker is not piped')
  child.stderr?.resume()
  for await (const line of createInterface(child.stdout)) if (/is ready/.test(line)) return
  throw new Error('the worker ended before it was ready')
}
