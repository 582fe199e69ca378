import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { adminPassword, DeckleServer, plainEnvironment } from '../../e2e/support/deckle-server.ts'

export const program = join(import.meta.dirname, '..', '..', 'dist', 'deckle.js')

/** As the command `deckle` starts it (scripts/bootstrap/environment.mjs). */
export const environmentOfPrograms = { ...plainEnvironment(), MALLOC_ARENA_MAX: '1' }

/** Starts the built server, as users run it, with the embedded PostgreSQL on an empty data folder. */
export function startDeckle(dataDir: string, settings: Readonly<Record<string, string>> = {}): Promise<DeckleServer> {
  const env = {
    ...environmentOfPrograms,
    DECKLE_DATA_DIR: dataDir,
    DECKLE_HTTP_PORT: '0',
    DECKLE_ADMIN_PASSWORD: adminPassword,
    DECKLE_LOG_LEVEL: 'warn',
    ...settings,
  }
  const child = spawn(process.execPath, [program, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  return DeckleServer.of(child, { dataDir })
}
