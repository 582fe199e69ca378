import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PulpClient } from '../../src/clients/pulp-client.ts'

const program = join(import.meta.dirname, '..', '..', 'dist', 'deckle.js')

export interface DeckleServer {
  readonly url: string
  readonly client: PulpClient
  stop(): Promise<void>
}

/** Starts the built server with the embedded PostgreSQL on an empty data folder. */
export async function startDeckle(dataDir: string): Promise<DeckleServer> {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      DECKLE_DATA_DIR: dataDir,
      DECKLE_HTTP_PORT: '0',
      DECKLE_ADMIN_PASSWORD: 'bench',
      DECKLE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /is ready at (\S+?)\/?$/.exec(line)?.[1]
    if (url === undefined) continue
    child.stdout.resume()
    return {
      url,
      client: new PulpClient({ url, credentials: { username: 'admin', password: 'bench' } }),
      async stop() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error('the server ended before it was ready')
}
